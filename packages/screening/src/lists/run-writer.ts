/**
 * First half of the external sort: collects records in memory and writes each full buffer as one sorted run.
 * @module
 */
import { closeSync, openSync, writeSync } from "node:fs"
import { join } from "node:path"
import type { HashRecord } from "@nightlight/core"
import { attempt } from "./files.ts"
import { HASH_AT, HASH_TYPES, ID_LIMIT_BYTES, NO_QUALITY, RECORD_BYTES } from "./record-layout.ts"
import { sortedOrder } from "./sort-records.ts"

const FLUSH_BYTES = 1_048_576

/** Size of a run. */
export interface RunLimits {
  readonly records: number
  readonly idBytes: number
}

/** About 50 MB at most. */
export const RUN_LIMITS: RunLimits = { records: 524_288, idBytes: 16_777_216 }

/** Writes sorted runs: records as in the record file, each followed by its id's length and bytes. */
export class RunWriter {
  readonly #folder: string
  readonly #limits: RunLimits
  readonly #records: Buffer
  readonly #ids: Buffer
  #count = 0
  /** Place 0 means no id. */
  #idEnd = 1
  #total = 0
  readonly #paths: string[] = []

  constructor(folder: string, limits: RunLimits = RUN_LIMITS) {
    this.#folder = folder
    this.#limits = limits
    this.#records = Buffer.alloc(limits.records * RECORD_BYTES)
    this.#ids = Buffer.alloc(limits.idBytes + 2 + ID_LIMIT_BYTES)
  }

  /** Records added so far. */
  get total(): number {
    return this.#total
  }

  /** Adds a record. @throws {DependencyError} `disk_full`, `write_failed`. */
  add(record: HashRecord, category: number): void {
    const bytes = this.#records
    const offset = this.#count * RECORD_BYTES
    bytes[offset] = HASH_TYPES.indexOf(record.hashType)
    bytes[offset + 1] = record.quality ?? NO_QUALITY
    bytes.writeUInt16LE(category, offset + 2)
    bytes.writeUInt32LE(record.id === undefined ? 0 : this.#addId(record.id), offset + 4)
    bytes.fill(0, offset + HASH_AT, offset + RECORD_BYTES)
    bytes.write(record.hash, offset + HASH_AT, "hex")
    this.#count++
    this.#total++
    if (this.#count === this.#limits.records || this.#idEnd > this.#limits.idBytes) this.#writeRun()
  }

  /** Writes the remaining records. @returns the runs' paths. @throws {DependencyError} `disk_full`, `write_failed`. */
  finish(): readonly string[] {
    if (this.#count > 0) this.#writeRun()
    return this.#paths
  }

  #addId(id: string): number {
    const place = this.#idEnd
    const length = this.#ids.write(id, place + 2, ID_LIMIT_BYTES, "utf8")
    this.#ids.writeUInt16LE(length, place)
    this.#idEnd += 2 + length
    return place
  }

  #writeRun(): void {
    const path = join(this.#folder, `run-${this.#paths.length}`)
    const records = this.#records.subarray(0, this.#count * RECORD_BYTES)
    const fd = attempt(() => openSync(path, "wx", 0o600))
    try {
      const output = Buffer.allocUnsafe(FLUSH_BYTES)
      let filled = 0
      const flush = () => {
        for (let offset = 0; offset < filled; ) offset += attempt(() => writeSync(fd, output, offset, filled - offset))
        filled = 0
      }
      for (const index of sortedOrder(records)) {
        if (filled + RECORD_BYTES + 2 + ID_LIMIT_BYTES > FLUSH_BYTES) flush()
        const offset = index * RECORD_BYTES
        records.copy(output, filled, offset, offset + RECORD_BYTES)
        filled += RECORD_BYTES
        const place = records.readUInt32LE(offset + 4)
        const length = place === 0 ? 0 : this.#ids.readUInt16LE(place)
        output.writeUInt16LE(length, filled)
        this.#ids.copy(output, filled + 2, place + 2, place + 2 + length)
        filled += 2 + length
      }
      flush()
    } finally {
      closeSync(fd)
    }
    this.#paths.push(path)
    this.#count = 0
    this.#idEnd = 1
  }
}
