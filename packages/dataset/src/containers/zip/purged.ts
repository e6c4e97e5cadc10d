/**
 * Produces the bytes of a zip that replaces its source in a purge.
 * @module
 */

import { isMetadataTable } from "../../readers/stem-groups.ts"
import { yieldEvery512 } from "../item-builder.ts"
import { baseName, descriptorOf, entryData, stayingEntries, type ZipRewrite } from "./clean.ts"
import type { ZipEntry } from "./directory.ts"
import { endRecords, movedRecord } from "./records.ts"

/**
 * Yields the bytes piece by piece: local headers, data, descriptors and directory records of entries that stay,
 * unchanged, so that entries this reader cannot read stay readable to others, and the comment. Bytes that belong to no
 * entry are dropped.
 *
 * @throws {DependencyError} `source_changed` if an entry's bytes do not have its digest.
 */
export async function* purgedZip(rewrite: ZipRewrite): AsyncGenerator<Uint8Array, void> {
  const { source, directory, decision, outcome } = rewrite
  const { kept, entries } = stayingEntries(directory, decision)
  const offsets = new Map<ZipEntry, number>()
  let offset = 0
  for (const entry of [...entries].sort((a, b) => a.start - b.start)) {
    await yieldEvery512(offsets.size)
    offsets.set(entry, offset)
    offset += entry.end - entry.start
    yield await source.read(entry.start, entry.dataStart - entry.start)
    yield* entryData(source, entry, kept.get(entry))
    yield* descriptorOf(source, entry)
    if (decision.isIncomplete && isMetadataTable(entry.name)) outcome.staleTables.push(baseName(entry.name))
  }
  const start = offset
  for (const entry of entries) {
    const record = movedRecord(entry, offsets.get(entry) ?? 0)
    offset += record.length
    yield record
  }
  yield endRecords({ count: entries.length, start, sizeBytes: offset - start, comment: directory.comment })
}
