import { join } from "node:path"
import { canonicalJson, RequestError } from "@nightlight/core"
import { canonicalDigest, NewFile, writeNewFile } from "@nightlight/durable"
import { OUTPUT_NAME } from "./files.ts"
import { type MergedEntry, mergeRuns } from "./merge-runs.ts"
import { type Counts, HASH_TYPES, ID_FILE_MAGIC } from "./record-layout.ts"
import { type Segment, SNAPSHOT_FILES, type Snapshot } from "./snapshot.ts"

/** Sorted runs to write as a segment. */
export interface SnapshotInput {
  readonly folder: string
  readonly runs: readonly string[]
  /** Sorted. */
  readonly categories: readonly string[]
  /** Place among the sorted categories of each category number in the runs. */
  readonly places: Uint16Array
}

/**
 * Writes record, id and category file of a segment. The same entries give the same bytes, whatever their order.
 *
 * @param pause - called now and then with the number of records merged; it throws to stop.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 * @throws {RequestError} `list_malformed` when the ids together are larger than 4 GiB.
 */
export async function writeSnapshotFiles(
  { folder, runs, categories, places }: SnapshotInput,
  pause: (records: number) => Promise<void>,
): Promise<Omit<Segment, "version"> & Pick<Snapshot, "duplicates">> {
  await using records = await NewFile.create(join(folder, SNAPSHOT_FILES.records), { what: OUTPUT_NAME })
  await using ids = await NewFile.create(join(folder, SNAPSHOT_FILES.ids), { what: OUTPUT_NAME })
  ids.append(Buffer.from(ID_FILE_MAGIC, "latin1"))
  const counts: number[] = HASH_TYPES.map(() => 0)
  let written = 0
  const emit = (entry: MergedEntry) => {
    const { record } = entry
    record.writeUInt32LE(entry.idLength === 0 ? 0 : writeId(ids, entry), 4)
    records.append(record)
    const type = record[0] ?? 0
    counts[type] = (counts[type] ?? 0) + 1
    written++
  }
  const duplicates = await mergeRuns(runs, places, emit, () => pause(written))
  const text = canonicalJson(categories)
  const files = {
    records: await records.finish(),
    ids: await ids.finish(),
    categories: await writeNewFile(join(folder, SNAPSHOT_FILES.categories), text, { what: OUTPUT_NAME }),
  }
  return { counts: toCounts(counts), duplicates, files }
}

/** Digest of a list's entries and settings, the same for every version that has them. */
export function listDigest(snapshot: Snapshot): string {
  return canonicalDigest(essence(snapshot))
}

/** Whether two snapshots have the same entries and settings. */
export function sameList(a: Snapshot, b: Snapshot): boolean {
  return listDigest(a) === listDigest(b)
}

function essence({ trust, radiusBits, asOf, terms, counts, segments }: Snapshot) {
  const digests = segments.flatMap(({ files: { records, ids, categories } }) => [
    records.sha256,
    ids.sha256,
    categories.sha256,
  ])
  return { trust, radiusBits, asOf, terms, counts: { ...counts }, digests }
}

const lengthBytes = Buffer.alloc(2)

function writeId(ids: NewFile, { id, idLength }: MergedEntry): number {
  const place = ids.sizeBytes
  if (place + 2 + idLength > 0xffff_ffff) {
    throw new RequestError("list_malformed", "expected ids of at most 4 GiB together")
  }
  lengthBytes.writeUInt16LE(idLength)
  ids.append(lengthBytes)
  ids.append(id.subarray(0, idLength))
  return place
}

function toCounts(counts: readonly number[]): Counts {
  const [md5 = 0, sha1 = 0, sha256 = 0, pdq = 0, url = 0] = counts
  return { md5, sha1, sha256, pdq, url }
}
