/**
 * Resolves what an operator named: folders, files and brace lists.
 * @module
 */
import { realpathSync, statSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { RequestError } from "@nightlight/core"
import type { PlannedSource } from "../readers/listing.ts"
import { isWithin } from "../readers/paths.ts"
import { expandBraceList } from "./brace-list.ts"

/** The inputs of a plan, found on disk. */
export interface Inputs {
  /** Absolute real path that contains all of them. */
  readonly root: string
  /** Each once, none inside another. */
  readonly sources: readonly PlannedSource[]
  /** Absolute paths of files that a brace list names and that do not exist. */
  readonly missing: readonly string[]
}

/**
 * Resolves the inputs.
 *
 * @throws {RequestError} `input_invalid` for commands, URLs and malformed brace lists; `not_found` if one does not
 * exist (for a brace list: if none of it does).
 */
export function resolveInputs(inputs: readonly string[]): Inputs {
  if (inputs.length === 0) throw new RequestError("input_invalid", "expected a folder, file or brace list to read")
  const found: PlannedSource[] = []
  const missing: string[] = []
  for (const input of inputs) {
    assertLocal(input)
    const whole = findSource(input)
    if (whole !== undefined) {
      found.push(whole)
      continue
    }
    const names = input.includes("{") ? expandBraceList(input) : []
    const sources = names.map((name) => findSource(name))
    if (sources.every((source) => source === undefined)) {
      throw new RequestError("not_found", `there is no ${input}`)
    }
    for (const [index, source] of sources.entries()) {
      if (source === undefined) missing.push(resolve(names[index] ?? ""))
      else found.push(source)
    }
  }
  const sources = withoutNested(found)
  return { root: commonFolder(sources), sources, missing }
}

/** Loaders accept commands and URLs as shards; a scan runs nothing and fetches nothing. */
function assertLocal(input: string): void {
  if (/^\s*pipe:/i.test(input)) {
    throw new RequestError("input_invalid", "a pipe: command is not allowed as input", {
      hint: "Fetch the shards first, then name the folder they are in.",
    })
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(input)) {
    throw new RequestError("input_invalid", "expected a path, s3:// or hf://datasets/, got another URL", {
      hint: "Fetch the shards first, then name the folder they are in.",
    })
  }
  if (input === "" || input.includes("\0")) throw new RequestError("input_invalid", "expected a path")
}

function findSource(input: string): PlannedSource | undefined {
  const absolute = resolve(input)
  const stat = statSync(absolute, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  const target = realpathSync(absolute)
  if (stat.isDirectory()) return { kind: "folder", path: target }
  if (!stat.isFile()) throw new RequestError("input_invalid", "expected a folder or a plain file")
  // A link that the operator named is followed, and keeps its own name.
  const path = join(realpathSync(dirname(absolute)), basename(absolute))
  return target === path ? { kind: "file", path } : { kind: "file", path, target }
}

function withoutNested(found: readonly PlannedSource[]): readonly PlannedSource[] {
  const unique = [...new Map(found.map((source) => [source.path, source])).values()]
  const folders = unique.filter(({ kind }) => kind === "folder")
  return unique.filter(
    (source) => !folders.some((folder) => folder.path !== source.path && isWithin(source.path, folder.path)),
  )
}

function commonFolder(sources: readonly PlannedSource[]): string {
  const folders = sources.map(({ kind, path }) => (kind === "folder" ? path : dirname(path)))
  return folders.reduce((common, folder) => {
    let shared = common
    while (!isWithin(folder, shared)) shared = dirname(shared)
    return shared
  })
}
