import { open } from "node:fs/promises"
import { join } from "node:path"
import { DependencyError, IntegrityError } from "@nightlight/core"
import type { FileDigest } from "@nightlight/durable"
import { HammingIndex, type ImageDigest, PdqError } from "@nightlight/pdq"
import { checkTable } from "./digest-table.ts"
import { readWhole } from "./files.ts"
import {
  DELTA_FILES,
  type DocumentedSegment,
  INDEX_FILES,
  type IndexDocument,
  type PartFiles,
  segmentKey,
  segmentsOf,
} from "./index-document.ts"
import { digestCounts } from "./index-parts.ts"
import type { IndexPart } from "./locating-part.ts"

/**
 * Images in this thread, by digest. An index with a delta reuses its predecessor's base from here: that image was
 * checked against the same digest when it was loaded, and never changes.
 */
const held = new Map<string, WeakRef<HammingIndex>>()
const forget = new FinalizationRegistry<string>((digest) => {
  if (held.get(digest)?.deref() === undefined) held.delete(digest)
})

/**
 * Opens the files over all segments, or over the base's segments and over the delta's.
 *
 * @throws {IntegrityError} `index_untrusted` when a file is missing or altered.
 * @throws {DependencyError} `unavailable` when there is not enough memory.
 */
export async function openParts(folder: string, document: IndexDocument): Promise<readonly IndexPart[]> {
  const { lists, files, delta } = document
  const all = segmentsOf(lists)
  const inDelta = new Set(delta?.segments)
  const isDelta = all.map((segment) => inDelta.has(segmentKey(segment)))
  const positions = all.map((_, position) => position)
  const base = positions.filter((position) => isDelta[position] !== true)
  const parts = [await openPart(folder, INDEX_FILES, { all, positions: base, files, mayBeHeld: delta !== undefined })]
  if (delta === undefined) return parts
  const changed = positions.filter((position) => isDelta[position] === true)
  if (changed.length !== delta.segments.length)
    throw new IntegrityError("index_untrusted", "the index's delta is damaged")
  parts.push(await openPart(folder, DELTA_FILES, { all, positions: changed, files: delta.files, mayBeHeld: false }))
  return parts
}

interface DocumentedPart {
  readonly all: readonly DocumentedSegment[]
  readonly positions: readonly number[]
  readonly files: PartFiles
  readonly mayBeHeld: boolean
}

async function openPart(
  folder: string,
  names: Readonly<Record<keyof typeof INDEX_FILES, string>>,
  { all, positions, files, mayBeHeld }: DocumentedPart,
): Promise<IndexPart> {
  const segments = positions.flatMap((position) => all[position] ?? [])
  const digests = await readWords(join(folder, names.digests), files.digests)
  checkTable(digests, digestCounts(segments))
  const entries = segments.reduce((sum, { counts }) => sum + counts.pdq, 0)
  const path = join(folder, names.pdq)
  return { segments: positions, digests, pdq: await openImage(path, files.pdq, { entries, mayBeHeld }) }
}

async function readWords(path: string, expected: FileDigest): Promise<Uint32Array> {
  const damaged = () => new IntegrityError("index_untrusted", "the index's table of digests is missing or altered")
  try {
    await using file = await open(path, "r")
    const bytes = await readWhole(file, expected)
    if (bytes === undefined || bytes.length % 4 !== 0) throw damaged()
    return new Uint32Array(bytes.buffer)
  } catch {
    throw damaged()
  }
}

async function openImage(
  path: string,
  { digest }: ImageDigest,
  { entries, mayBeHeld }: { readonly entries: number; readonly mayBeHeld: boolean },
): Promise<HammingIndex> {
  const damaged = () => new IntegrityError("index_untrusted", "the index's PDQ image is missing or altered")
  try {
    const pdq = (mayBeHeld ? held.get(digest)?.deref() : undefined) ?? (await readImage(path, digest))
    if (pdq.idCount !== entries || pdq.size !== entries) throw damaged()
    return pdq
  } catch (error) {
    if (error instanceof PdqError && error.code === "memory_exhausted") {
      throw new DependencyError("unavailable", "not enough memory for the index of the lists")
    }
    throw damaged()
  }
}

async function readImage(path: string, digest: string): Promise<HammingIndex> {
  const pdq = await HammingIndex.openImage(path, { digest })
  held.set(digest, new WeakRef(pdq))
  forget.register(pdq, digest)
  return pdq
}
