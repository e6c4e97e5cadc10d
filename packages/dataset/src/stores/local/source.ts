/**
 * Finds the folders and files of this machine that an operator named.
 * @module
 */

import { realpathSync } from "node:fs"
import { dirname, relative, resolve } from "node:path"
import type { PathFilter } from "@nightlight/core"
import { type Inputs, resolveInputs } from "../../plan/inputs.ts"
import { type Found, inspectFile, pathText, walkFolder } from "../../plan/walk.ts"
import { isInExcluded } from "../excluded.ts"
import type { DatasetSource } from "../source.ts"
import { localStore } from "./store.ts"

/** What is not read. */
export interface LocalExclusions {
  /** Folders not walked. */
  readonly folders: readonly string[]
  /** Paths relative to the root. */
  readonly isExcluded: PathFilter
}

/**
 * Finds folders, files and brace lists.
 *
 * @throws {RequestError} as {@link resolveInputs}.
 */
export function localSource(inputs: readonly string[], exclude: LocalExclusions): DatasetSource {
  const resolved = resolveInputs(inputs)
  const { root, sources, missing } = resolved
  const targets = sources.flatMap(({ target }) => (target === undefined ? [] : [dirname(target)]))
  return {
    root,
    store: localStore(root),
    sources,
    readRoots: [...new Set([root, ...targets])],
    missing: missing.map((path) => relative(root, path)),
    walk: (signal) => findAll(resolved, exclude, signal),
  }
}

/** Folders named by the operator are walked, named files are taken together. */
async function* findAll(
  { root, sources }: Inputs,
  { folders, isExcluded }: LocalExclusions,
  signal: AbortSignal,
): AsyncGenerator<readonly Found[]> {
  const base = Buffer.from(root)
  const excluded = new Set(folders.map(realPathOf))
  for (const { kind, path } of sources) {
    const place = Buffer.from(relative(root, path))
    if (kind !== "folder") continue
    if (isInExcluded(pathText(place), isExcluded)) yield [{ kind: "stray", code: "excluded", path: place }]
    else {
      yield* walkFolder({ root: base, folder: place, exclude: excluded, isExcluded }, signal)
    }
  }
  const named = new Map<string, Found[]>()
  for (const { kind, path, target } of sources) {
    if (kind !== "file") continue
    const place = Buffer.from(relative(root, path))
    const found: Found = isInExcluded(pathText(place), isExcluded)
      ? { kind: "stray", code: "excluded", path: place }
      : inspectFile(base, place, target)
    const together = named.get(dirname(path))
    if (together === undefined) named.set(dirname(path), [found])
    else together.push(found)
  }
  yield* named.values()
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}
