import { readSync } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { join } from "node:path"
import { compact, type HashType, IntegrityError } from "@nightlight/core"
import { readWhole } from "./files.ts"
import {
  type Counts,
  firstOf,
  HASH_AT,
  HASH_TYPES,
  hexHash,
  NO_QUALITY,
  RECORD_BYTES,
  totalOf,
  typeAt,
} from "./record-layout.ts"
import type { UntrustedCode } from "./signed-document.ts"
import { type Segment, SNAPSHOT_FILES } from "./snapshot.ts"
import { VerifiedFile } from "./verified-file.ts"

const CHUNK_RECORDS = 8_192
const CATEGORIES_LIMIT_BYTES = 64 * 1_048_576

/** Paths of an opened segment's files, and their expected digests. */
export interface SegmentPlace {
  readonly folder: string
  readonly counts: Counts
  readonly files: Segment["files"]
  /** Error code for a file that is not authentic, and name of the list in the error. */
  readonly code: UntrustedCode
  readonly listName: string
}

/** An entry, read from the record file. */
export interface Entry {
  readonly hashType: HashType
  /** Lower-case hexadecimal. */
  readonly hash: string
  readonly category: string
  readonly id?: string
  /** PDQ quality from the source, 0 to 100. */
  readonly quality?: number
}

/**
 * The entries of one segment of a snapshot. Its files are verified completely when opened, stay open and are read on
 * demand, even if the folder is removed meanwhile.
 */
export class SegmentEntries {
  readonly counts: Counts
  readonly total: number
  readonly #place: SegmentPlace
  readonly #records: VerifiedFile
  readonly #ids: VerifiedFile
  readonly #categories: readonly string[]

  private constructor(place: SegmentPlace, records: VerifiedFile, ids: VerifiedFile, categories: readonly string[]) {
    this.counts = place.counts
    this.total = totalOf(place.counts)
    this.#place = place
    this.#records = records
    this.#ids = ids
    this.#categories = categories
  }

  /** @throws {IntegrityError} the place's code, when a file is missing or altered. */
  static async open(place: SegmentPlace): Promise<SegmentEntries> {
    const { files } = place
    const untrusted = () => new IntegrityError(place.code, `${place.listName}: a file is missing or altered`)
    const handles: FileHandle[] = []
    try {
      for (const key of ["records", "ids", "categories"] as const) {
        handles.push(await open(join(place.folder, SNAPSHOT_FILES[key]), "r"))
      }
      const [recordsFile, idsFile, categories] = handles as [FileHandle, FileHandle, FileHandle]
      const isSound =
        files.records.sizeBytes === totalOf(place.counts) * RECORD_BYTES &&
        files.categories.sizeBytes <= CATEGORIES_LIMIT_BYTES
      const records = isSound ? await VerifiedFile.of(recordsFile, files.records) : undefined
      const ids = records && (await VerifiedFile.of(idsFile, files.ids))
      const words = ids && (await readWhole(categories, files.categories))
      if (records === undefined || ids === undefined || words === undefined) throw untrusted()
      await categories.close()
      return new SegmentEntries(place, records, ids, JSON.parse(Buffer.from(words).toString("utf8")) as string[])
    } catch {
      await Promise.all(handles.map((handle) => handle.close().catch(() => undefined)))
      throw untrusted()
    }
  }

  /** Reads one entry. @throws {IntegrityError} when the file changed. */
  entryAt(ordinal: number): Entry {
    const record = this.recordAt(ordinal)
    const hashType = typeAt(record, 0)
    const category = this.#categories[record.readUInt16LE(2)]
    if (hashType === undefined || category === undefined) throw this.#broken()
    const id = this.#idAt(record.readUInt32LE(4))
    return compact({
      hashType,
      hash: hexHash(record, 0, hashType),
      category,
      id,
      quality: record[1] === NO_QUALITY ? undefined : record[1],
    })
  }

  /** Reads one record's bytes. @throws {IntegrityError} when there is no such entry. */
  recordAt(ordinal: number): Buffer {
    if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= this.total) throw this.#broken()
    return this.#read(this.#records, ordinal * RECORD_BYTES, RECORD_BYTES)
  }

  /** Records of a type from the first on, in chunks, owned by the caller. */
  *chunks(type: HashType): Generator<Buffer, void, undefined> {
    const first = firstOf(this.counts, type)
    const end = first + this.counts[type]
    for (let offset = first; offset < end; offset += CHUNK_RECORDS) {
      yield this.#read(this.#records, offset * RECORD_BYTES, Math.min(CHUNK_RECORDS, end - offset) * RECORD_BYTES)
    }
  }

  /** Records of every type, in chunks. */
  *allChunks(): Generator<Buffer, void, undefined> {
    for (const type of HASH_TYPES) yield* this.chunks(type)
  }

  /** Ordinals in the segment of the entries with exactly this hash, ascending, by bisection. */
  find(type: HashType, hash: Uint8Array): number[] {
    let low = firstOf(this.counts, type)
    const end = low + this.counts[type]
    for (let high = end; low < high; ) {
      const middle = (low + high) >>> 1
      if (compareHash(this.recordAt(middle), hash) < 0) low = middle + 1
      else high = middle
    }
    const found: number[] = []
    while (low < end && compareHash(this.recordAt(low), hash) === 0) found.push(low++)
    return found
  }

  /** Call it after reading an entry that counts. @throws {IntegrityError} when something wrote to a file since. */
  assertUnmodified(): void {
    this.#assertEach((file) => file.isUnmodified())
  }

  /**
   * Call it where an entry that was expected is not there; see {@link VerifiedFile.isUnaltered}.
   *
   * @throws {IntegrityError} when a file is not as it was digested.
   */
  assertUnaltered(): void {
    this.#assertEach((file) => file.isUnaltered())
  }

  /** Closes the files; nothing can be read afterwards. */
  async close(): Promise<void> {
    await Promise.all([this.#records.handle.close(), this.#ids.handle.close()])
  }

  #assertEach(isSound: (file: VerifiedFile) => boolean): void {
    let areSound: boolean
    try {
      areSound = isSound(this.#records) && isSound(this.#ids)
    } catch {
      throw this.#broken()
    }
    if (!areSound) {
      throw new IntegrityError(this.#place.code, `${this.#place.listName}: a file was altered after it was opened`)
    }
  }

  #idAt(place: number): string | undefined {
    if (place === 0) return undefined
    const length = this.#read(this.#ids, place, 2).readUInt16LE(0)
    return this.#read(this.#ids, place + 2, length).toString("utf8")
  }

  #read({ handle }: VerifiedFile, position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    for (let filled = 0; filled < length; ) {
      const read = this.#readPart(handle, bytes, filled, position + filled)
      if (read === 0) throw this.#broken()
      filled += read
    }
    return bytes
  }

  #readPart(file: FileHandle, bytes: Buffer, filled: number, position: number): number {
    try {
      return readSync(file.fd, bytes, filled, bytes.length - filled, position)
    } catch {
      throw this.#broken()
    }
  }

  #broken(): IntegrityError {
    return new IntegrityError(this.#place.code, `${this.#place.listName}: an entry cannot be read`)
  }
}

function compareHash(record: Buffer, hash: Uint8Array): number {
  return record.compare(hash, 0, hash.length, HASH_AT, HASH_AT + hash.length)
}
