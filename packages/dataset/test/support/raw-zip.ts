/**
 * Zips byte for byte: written with any extra fields, comments and attributes, and taken apart again.
 * @module
 */
import { crc32, deflateRawSync } from "node:zlib"

/** An entry with what writers may say beside its data. */
export interface RawEntry {
  readonly name: string
  readonly content: string
  readonly localExtra?: Uint8Array
  readonly centralExtra?: Uint8Array
  readonly comment?: string
  readonly versionMadeBy?: number
  readonly versionNeeded?: number
  readonly internalAttributes?: number
  readonly externalAttributes?: number
  readonly time?: number
  readonly date?: number
  /** Flags beside the descriptor's. */
  readonly flags?: number
  /** Sizes follow the data, with a signature or without. */
  readonly descriptor?: "signed" | "plain"
  readonly isStored?: boolean
}

/** An extra field. */
export function field(id: number, data: Uint8Array): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(id, 0)
  head.writeUInt16LE(data.length, 2)
  return Buffer.concat([head, data])
}

/** Writes a zip. */
export function rawZip(entries: readonly RawEntry[], comment = ""): Buffer {
  const parts: Buffer[] = []
  const records: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const content = Buffer.from(entry.content)
    const data = entry.isStored === true ? content : deflateRawSync(content)
    const name = Buffer.from(entry.name)
    const sums = Buffer.alloc(12)
    sums.writeUInt32LE(crc32(content), 0)
    sums.writeUInt32LE(data.length, 4)
    sums.writeUInt32LE(content.length, 8)
    const localExtra = Buffer.from(entry.localExtra ?? [])
    const centralExtra = Buffer.from(entry.centralExtra ?? [])
    const common = Buffer.alloc(10)
    common.writeUInt16LE(entry.versionNeeded ?? 20, 0)
    common.writeUInt16LE((entry.flags ?? 0) | (entry.descriptor === undefined ? 0 : 8), 2)
    common.writeUInt16LE(entry.isStored === true ? 0 : 8, 4)
    common.writeUInt16LE(entry.time ?? 0x5a3c, 6)
    common.writeUInt16LE(entry.date ?? 0x5923, 8)
    const lengths = (...values: readonly number[]) => {
      const bytes = Buffer.alloc(2 * values.length)
      for (const [index, value] of values.entries()) bytes.writeUInt16LE(value, 2 * index)
      return bytes
    }
    const signature = Buffer.from("PK\x07\x08", "latin1")
    const descriptor =
      entry.descriptor === undefined
        ? Buffer.alloc(0)
        : Buffer.concat([...(entry.descriptor === "signed" ? [signature] : []), sums])
    const local = Buffer.concat([
      Buffer.from("PK\x03\x04", "latin1"),
      common,
      entry.descriptor === undefined ? sums : Buffer.alloc(12),
      lengths(name.length, localExtra.length),
      name,
      localExtra,
      data,
      descriptor,
    ])
    const outer = Buffer.alloc(8)
    outer.writeUInt32LE(entry.externalAttributes ?? 0, 0)
    outer.writeUInt32LE(offset, 4)
    const note = Buffer.from(entry.comment ?? "")
    records.push(
      Buffer.concat([
        Buffer.from("PK\x01\x02", "latin1"),
        lengths(entry.versionMadeBy ?? 0x031e),
        common,
        sums,
        lengths(name.length, centralExtra.length, note.length, 0, entry.internalAttributes ?? 0),
        outer,
        name,
        centralExtra,
        note,
      ]),
    )
    parts.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(records)
  const note = Buffer.from(comment)
  const end = Buffer.alloc(22)
  end.write("PK\x05\x06", 0, "latin1")
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  end.writeUInt16LE(note.length, 20)
  return Buffer.concat([...parts, directory, end, note])
}

/** The bytes of each entry of a zip without gaps, before the directory and in it; there without its offset. */
export function takeApart(bytes: Buffer): {
  readonly entries: Readonly<Record<string, { readonly local: string; readonly central: string }>>
  readonly comment: string
} {
  const end = bytes.lastIndexOf("PK\x05\x06", undefined, "latin1")
  const isLarge = bytes.readUInt32LE(end + 16) === MAX_32
  const directoryStart = isLarge ? Number(bytes.readBigUInt64LE(end - 28)) : bytes.readUInt32LE(end + 16)
  const records: { readonly name: string; readonly start: number; readonly central: string }[] = []
  let position = directoryStart
  while (bytes.toString("latin1", position, position + 4) === "PK\x01\x02") {
    const nameLength = bytes.readUInt16LE(position + 28)
    const length = 46 + nameLength + bytes.readUInt16LE(position + 30) + bytes.readUInt16LE(position + 32)
    const central = Buffer.from(bytes.subarray(position, position + length))
    const start = takeOffset(central, 46 + nameLength)
    const name = central.toString("latin1", 46, 46 + nameLength)
    records.push({ name, start, central: central.toString("latin1") })
    position += length
  }
  const starts = [...records.map(({ start }) => start), directoryStart].toSorted((a, b) => a - b)
  const entries = records.map(({ name, start, central }) => {
    const local = bytes.toString("latin1", start, starts[starts.indexOf(start) + 1])
    return [name, { local, central }] as const
  })
  return { entries: Object.fromEntries(entries), comment: bytes.toString("latin1", end + 22) }
}

const MAX_32 = 0xffffffff

/** Reads a directory record's offset, and writes zero in its place. A ZIP64 field must be the first of all. */
function takeOffset(central: Buffer, extraStart: number): number {
  const start = central.readUInt32LE(42)
  if (start !== MAX_32) {
    central.writeUInt32LE(0, 42)
    return start
  }
  const before = [20, 24].filter((at) => central.readUInt32LE(at) === MAX_32).length
  const place = extraStart + 4 + 8 * before
  const far = Number(central.readBigUInt64LE(place))
  central.writeBigUInt64LE(0n, place)
  return far
}
