/**
 * Paths of listed files, as raw bytes: a file name need not be UTF-8.
 * @module
 */
import { relative, sep } from "node:path"
import { decodeName } from "./entry-name.ts"
import type { ListedFile } from "./listed-file.ts"

/** Absolute path of a file below the root. */
export function absolutePath(root: string, path: Buffer): Buffer {
  return Buffer.concat([Buffer.from(root.endsWith("/") ? root : `${root}/`), path])
}

/** The folder that an absolute path lies in. */
export function parentOf(path: Buffer): Buffer {
  return path.subarray(0, path.lastIndexOf(0x2f))
}

/** Where a listed file is read. */
export function sourcePath(root: string, { path, target }: Pick<ListedFile, "path" | "target">): Buffer {
  return target === undefined ? absolutePath(root, path) : Buffer.from(target)
}

/** A listed file's path as text. */
export function pathOf(file: Pick<ListedFile, "path">): string {
  return decodeName(file.path)
}

/** Whether `path` is `folder` or lies below it; both absolute. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`))
}
