/**
 * Finds which shards hold attributes of the documents of which others.
 *
 * Source: Dolma, `docs/data-format.md`: attributes of `documents/PATH` are in `attributes/NAME/PATH`, with the same rows in
 * the same order.
 * @module
 */
import { mayDescribe, type ShardKind } from "../containers/index.ts"
import type { ListedFile } from "../readers/listing.ts"
import { pathText } from "./walk.ts"

/** A shard under construction. */
export interface ShardDraft {
  readonly kind: ShardKind
  readonly files: readonly ListedFile[]
  readonly sidecars: readonly ListedFile[]
  readonly last?: true
  /** See `ShardListing.follows`. */
  readonly follows?: ListedFile
  /** See `ShardListing.followers`. */
  readonly followers?: readonly ListedFile[]
}

/** Marks packed shards whose rows are about those of another one, and that other one. */
export function followDocuments(archives: readonly ShardDraft[]): readonly ShardDraft[] {
  const files = new Map(
    archives.flatMap(({ files: [file] }) => (file === undefined ? [] : [[pathText(file.path), file]])),
  )
  const followers = new Map<ListedFile, ListedFile[]>()
  const followed = archives.map((archive) => {
    const [file] = archive.files
    const path = file === undefined || !mayDescribe(archive.kind) ? undefined : documentsPath(pathText(file.path))
    const follows = path === undefined ? undefined : files.get(path)
    if (file === undefined || follows === undefined) return archive
    followers.set(follows, [...(followers.get(follows) ?? []), file])
    return { ...archive, last: true as const, follows }
  })
  return followed.map((archive) => {
    const [file] = archive.files
    const own = file === undefined ? undefined : followers.get(file)
    return own === undefined ? archive : { ...archive, followers: own }
  })
}

const FOLDER = "attributes/"

/** Path of the documents that a file would hold attributes of; `undefined` if it lies in no folder of attributes. */
function documentsPath(path: string): string | undefined {
  const start = path.startsWith(FOLDER) ? 0 : path.indexOf(`/${FOLDER}`) + 1
  if (start === 0 && !path.startsWith(FOLDER)) return undefined
  const name = path.indexOf("/", start + FOLDER.length)
  return name === -1 ? undefined : `${path.slice(0, start)}documents${path.slice(name)}`
}
