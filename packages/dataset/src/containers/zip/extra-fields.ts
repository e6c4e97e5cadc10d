/**
 * Extra fields of a zip's records: times, owners, sizes beyond 4 GiB, and whatever a writer put there.
 *
 * Source: PKWARE APPNOTE 6.3.10, section 4.5.
 * @module
 */

/** One extra field. */
export interface ExtraField {
  readonly id: number
  readonly data: Buffer
  /** Its header and data. */
  readonly raw: Buffer
}

/**
 * Extra fields of a record, and comments, up to this length are copied as they are: no picture of anything fits in.
 * Longer ones may hold something that nothing has screened.
 */
export const MAX_EXTRA_BYTES = 256

/** ZIP64: sizes, and the offset of the local header, of 8 bytes each. */
export const ZIP64_FIELD = 1

/** Kinds that are copied from longer ones: times (`UT`, NTFS), owners (`ux`), the name in UTF-8 (`up`). */
const KNOWN_FIELDS = new Set([0x5455, 0x000a, 0x7875, 0x7075])

/** The fields of a record, in their order; bytes behind the last whole one are padding. */
export function extraFields(extra: Uint8Array): readonly ExtraField[] {
  const bytes = Buffer.from(extra.buffer, extra.byteOffset, extra.length)
  const fields: ExtraField[] = []
  for (let offset = 0; offset + 4 <= bytes.length; ) {
    const end = offset + 4 + bytes.readUInt16LE(offset + 2)
    if (end > bytes.length) break
    fields.push({
      id: bytes.readUInt16LE(offset),
      data: bytes.subarray(offset + 4, end),
      raw: bytes.subarray(offset, end),
    })
    offset = end
  }
  return fields
}

/** The extra fields that a clean copy keeps, apart from ZIP64: all of a few bytes, and of more the first of each known kind. */
export function copiedFields(extra: Uint8Array): Uint8Array {
  const fields = extraFields(extra)
  const others = fields.filter(({ id }) => id !== ZIP64_FIELD)
  if (extra.length <= MAX_EXTRA_BYTES) return Buffer.concat(others.map(({ raw }) => raw))
  const seen = new Set<number>()
  const known = others.filter(({ id, raw }) => {
    if (!KNOWN_FIELDS.has(id) || raw.length > MAX_EXTRA_BYTES || seen.has(id)) return false
    seen.add(id)
    return true
  })
  return Buffer.concat(known.map(({ raw }) => raw))
}

/** A ZIP64 field with these values of 8 bytes. */
export function zip64Field(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length)
  field.writeUInt16LE(ZIP64_FIELD, 0)
  field.writeUInt16LE(8 * values.length, 2)
  for (const [index, value] of values.entries()) field.writeBigUInt64LE(BigInt(value), 4 + 8 * index)
  return field
}
