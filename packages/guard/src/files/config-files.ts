/**
 * The texts of a configuration, read once, so that several processes load the same even while the files change.
 * @module
 */
import { readFile } from "node:fs/promises"

/** Reads a text. Rejects where it cannot be read. */
export type ReadText = (path: string) => Promise<string>

/** Texts by absolute path; `null` for a file that could not be read. */
export type ConfigFiles = ReadonlyMap<string, string | null>

/** Reads from the file system. */
export const readText: ReadText = (path) => readFile(path, "utf8")

/** Reads from the file system, each file once, and keeps what it read. */
export function recordFiles(): { readonly readText: ReadText; readonly files: ConfigFiles } {
  const files = new Map<string, string | null>()
  return {
    files,
    readText: async (path) => {
      const known = files.get(path)
      const text = known === undefined ? await readText(path).catch(() => null) : known
      files.set(path, text)
      return textOf(text)
    },
  }
}

/** Reads from the recorded files only. */
export function readFrom(files: ConfigFiles): ReadText {
  return async (path) => textOf(files.get(path))
}

function textOf(text: string | null | undefined): string {
  if (text === null || text === undefined) throw new TypeError("a file cannot be read")
  return text
}
