/**
 * Records that must go from a clean copy with what they name or are about.
 * @module
 */
import { decodeName } from "../../readers/entry-name.ts"
import { pathOf } from "../../readers/paths.ts"
import type { ShardCopy } from "../container.ts"
import type { KeptItem } from "../decision.ts"
import { recordsOfGroup } from "../records/group-records.ts"
import { scanJson } from "../records/json-strings.ts"
import { readRecords } from "../records/read-records.ts"
import { createNameCheck, namedFile } from "./named-files.ts"
import { type JsonRecords, openRecords } from "./open-records.ts"

/** Records that stay, by position; `undefined` where the file as a whole is no longer correct. */
export type Remaining = readonly (KeptItem | undefined)[] | undefined

const LEAST_NAME_BYTES = 4

/** Drops the records that name a file of the dataset which is not in the copy. */
export async function dropNaming(copy: ShardCopy, own: JsonRecords): Promise<Remaining> {
  const { listing, output, decision, limits } = copy
  const [file] = listing.files
  const paths: string[] = []
  const isThere = await output.existing()
  for (const each of listing.filesBelow(Buffer.alloc(0))) if (!isThere(each.path)) paths.push(pathOf(each))
  if (file === undefined || paths.length === 0) return decision.kept
  const path = pathOf(file)
  const isWritten = (name: string) => isThere(Buffer.from(name))
  const isWithheld = createNameCheck(path.slice(0, Math.max(0, path.lastIndexOf("/"))), { paths, isWritten })
  const kept = [...decision.kept]
  for await (const { position, bytes } of readRecords(own.fragments(), limits.itemBytes)) {
    if (bytes === undefined || kept[position] === undefined) continue
    if (recordsIn(bytes, own).some((record) => namesAny(record, isWithheld))) kept[position] = undefined
  }
  return kept
}

/**
 * Drops the records about documents that are not in the copy. Both files must have as many records, and each pair the same
 * `id`.
 */
export async function dropFollowing(copy: ShardCopy, own: JsonRecords, signal: AbortSignal): Promise<Remaining> {
  const { listing, output, decision, limits } = copy
  const { follows } = listing
  if (follows === undefined) return decision.kept
  // A record that was withheld itself would leave the others beside the wrong documents.
  if (decision.isIncomplete) return undefined
  using source = listing.store.open(follows)
  using written = await output.openCopied(follows.path)
  if (written === undefined) return undefined
  // Whole groups are dropped, so that those of the copy are groups of the source.
  const { groupSize } = own
  const documents = readRecords((await openRecords(source, copy, signal, groupSize)).fragments(), limits.itemBytes)
  const left = readRecords((await openRecords(written, copy, signal, groupSize)).fragments(), limits.itemBytes)
  const kept: (KeptItem | undefined)[] = []
  let next = await left.next()
  for await (const { position, bytes } of readRecords(own.fragments(), limits.itemBytes)) {
    const document = await documents.next()
    if (document.done === true || !hasSameIds(bytes, document.value.bytes, own)) return undefined
    const stays =
      next.done !== true && document.value.bytes !== undefined && isSame(document.value.bytes, next.value.bytes)
    if (stays) next = await left.next()
    kept.push(stays ? decision.kept[position] : undefined)
  }
  const isAligned = (await documents.next()).done === true && next.done === true
  return isAligned ? kept : undefined
}

function isSame(one: Buffer, other: Buffer | undefined): boolean {
  return other !== undefined && one.equals(other)
}

/** Whether both hold as many records, and each pair has the same `id`. */
function hasSameIds(one: Buffer | undefined, other: Buffer | undefined, shared: JsonRecords): boolean {
  if (one === undefined || other === undefined) return false
  const [ids, otherIds] = [one, other].map((bytes) => recordsIn(bytes, shared).map(idOf))
  return (
    ids?.length === otherIds?.length && ids?.every((id, index) => id !== undefined && id === otherIds?.[index]) === true
  )
}

function recordsIn(bytes: Buffer, { groupSize }: JsonRecords): readonly Buffer[] {
  return groupSize === 1 ? [bytes] : recordsOfGroup(bytes)
}

function namesAny(record: Buffer, isWithheld: (name: string) => boolean): boolean {
  let found = false
  scanJson(record, LEAST_NAME_BYTES, (string) => {
    const name = found ? undefined : namedFile(string)
    found ||= name !== undefined && isWithheld(name)
  })
  return found
}

/** The `id` of a record, as it is written. */
function idOf(bytes: Buffer): string | undefined {
  let id: string | undefined
  scanJson(bytes, 1, ({ key, depth, bytes: value }) => {
    if (depth === 1 && key === "id") id = decodeName(value)
  })
  return id
}
