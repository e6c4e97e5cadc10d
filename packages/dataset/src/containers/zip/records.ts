/**
 * Serialises the records of a zip.
 *
 * Source: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.14 to 4.3.16 (ends), 4.5.3
 * (ZIP64).
 * @module
 */
import type { ZipEntry } from "./directory.ts"

/** An entry to be written. */
export interface ZipRecord {
  readonly entry: ZipEntry
  readonly method: number
  readonly crc32: number
  readonly compressedSize: number
  readonly sizeBytes: number
  /** Offset of its local header in the new file. */
  readonly offset: number
}

const UTF8_NAME = 0x800
const MAX_32 = 0xffffffff
const MAX_16 = 0xffff

/** Extra fields that are copied: Unix times (`UT`), owners (`ux`), NTFS times. Others may carry anything. */
const COPIED_EXTRAS = new Set([0x5455, 0x7875, 0x000a])
const MAX_EXTRA_BYTES = 64

/** The header in front of an entry's data. */
export function localHeader(record: ZipRecord): Uint8Array {
  const { entry } = record
  const isLarge = needs64(record)
  const extra = isLarge ? zip64Extra([record.sizeBytes, record.compressedSize]) : Buffer.alloc(0)
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(isLarge ? 45 : 20, 4)
  writeCommonFields(header.subarray(6), record, extra.length)
  return Buffer.concat([header, entry.nameBytes, extra])
}

/** The entry's record in the directory. */
export function directoryRecord(record: ZipRecord): Uint8Array {
  const { entry } = record
  const isLarge = needs64(record)
  const isFar = record.offset >= MAX_32
  const large = [...(isLarge ? [record.sizeBytes, record.compressedSize] : []), ...(isFar ? [record.offset] : [])]
  const extra = Buffer.concat([large.length > 0 ? zip64Extra(large) : Buffer.alloc(0), copiedExtras(entry.extra)])
  const header = Buffer.alloc(46)
  header.writeUInt32LE(0x02014b50, 0)
  header.writeUInt16LE(entry.versionMadeBy, 4)
  header.writeUInt16LE(large.length > 0 ? 45 : 20, 6)
  writeCommonFields(header.subarray(8), record, extra.length)
  header.writeUInt32LE(entry.externalAttributes, 38)
  header.writeUInt32LE(isFar ? MAX_32 : record.offset, 42)
  return Buffer.concat([header, entry.nameBytes, extra])
}

/** The end of the file. */
export function endRecords(directory: {
  readonly count: number
  readonly start: number
  readonly sizeBytes: number
}): Uint8Array {
  const { count, start, sizeBytes } = directory
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Math.min(count, MAX_16), 8)
  end.writeUInt16LE(Math.min(count, MAX_16), 10)
  end.writeUInt32LE(Math.min(sizeBytes, MAX_32), 12)
  end.writeUInt32LE(Math.min(start, MAX_32), 16)
  if (count < MAX_16 && sizeBytes < MAX_32 && start < MAX_32) return end
  const large = Buffer.alloc(76)
  large.writeUInt32LE(0x06064b50, 0)
  large.writeBigUInt64LE(44n, 4)
  large.writeUInt16LE(45, 12)
  large.writeUInt16LE(45, 14)
  large.writeBigUInt64LE(BigInt(count), 24)
  large.writeBigUInt64LE(BigInt(count), 32)
  large.writeBigUInt64LE(BigInt(sizeBytes), 40)
  large.writeBigUInt64LE(BigInt(start), 48)
  large.writeUInt32LE(0x07064b50, 56)
  large.writeBigUInt64LE(BigInt(start + sizeBytes), 64)
  large.writeUInt32LE(1, 72)
  return Buffer.concat([large, end])
}

/** A directory record with the entry's new offset. The offset is never larger than before. */
export function movedRecord(entry: ZipEntry, offset: number): Uint8Array {
  const record = Buffer.from(entry.record)
  const isFar = record.readUInt32LE(42) === MAX_32
  if (!isFar) {
    record.writeUInt32LE(offset, 42)
    return record
  }
  const before = [20, 24].filter((field) => record.readUInt32LE(field) === MAX_32).length
  const extraStart = 46 + record.readUInt16LE(28)
  const extraEnd = extraStart + record.readUInt16LE(30)
  for (let position = extraStart; position + 4 <= extraEnd; position += 4 + record.readUInt16LE(position + 2)) {
    if (record.readUInt16LE(position) !== 1) continue
    record.writeBigUInt64LE(BigInt(offset), position + 4 + 8 * before)
    return record
  }
  return record
}

/** Writes the fields that both headers of an entry share, from the flags to the length of the extra fields. */
function writeCommonFields(fields: Buffer, record: ZipRecord, extraBytes: number): void {
  const { entry, method, crc32, compressedSize, sizeBytes } = record
  const isLarge = needs64(record)
  fields.writeUInt16LE(entry.flags & UTF8_NAME, 0)
  fields.writeUInt16LE(method, 2)
  fields.writeUInt16LE(entry.dosTime, 4)
  fields.writeUInt16LE(entry.dosDate, 6)
  fields.writeUInt32LE(crc32, 8)
  fields.writeUInt32LE(isLarge ? MAX_32 : compressedSize, 12)
  fields.writeUInt32LE(isLarge ? MAX_32 : sizeBytes, 16)
  fields.writeUInt16LE(entry.nameBytes.length, 20)
  fields.writeUInt16LE(extraBytes, 22)
}

function needs64({ compressedSize, sizeBytes }: ZipRecord): boolean {
  return compressedSize >= MAX_32 || sizeBytes >= MAX_32
}

function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length)
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(8 * values.length, 2)
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index)
  return extra
}

function copiedExtras(extra: Uint8Array): Buffer {
  const bytes = Buffer.from(extra)
  const kept: Buffer[] = []
  for (let offset = 0; offset + 4 <= bytes.length; ) {
    const end = offset + 4 + bytes.readUInt16LE(offset + 2)
    if (COPIED_EXTRAS.has(bytes.readUInt16LE(offset)) && end - offset <= MAX_EXTRA_BYTES)
      kept.push(bytes.subarray(offset, end))
    offset = end
  }
  return Buffer.concat(kept)
}
