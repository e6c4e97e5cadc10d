/**
 * The directories of a TIFF (TIFF 6.0, section 2) or BigTIFF in any position: chained, nested, and those of EXIF.
 * @module
 */

/** A directory's entry. */
export interface TiffEntry {
  readonly tag: number
  readonly type: number
  readonly count: number
  /** Offset of its value, in the entry or elsewhere. */
  readonly valueAt: number
  readonly valueBytes: number
}

/** A directory. */
export interface TiffDirectory {
  readonly offset: number
  /** Offset after its last byte. */
  readonly end: number
  /** Offset of the pointer to the next directory. */
  readonly nextAt: number
  readonly entries: ReadonlyMap<number, TiffEntry>
}

/** A parsed TIFF. */
export interface TiffFile {
  readonly bytes: Buffer
  readonly isLittle: boolean
  readonly isBig: boolean
  readonly directories: readonly TiffDirectory[]
  /** Whether every stated position is inside the file, and no directory was left out. */
  readonly isWhole: boolean
}

/** Most directories of a picture. */
const MAX_DIRECTORIES = 100_000

const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8]

/** Tags whose values are offsets of directories: SubIFDs, EXIF, GPS, interoperability. */
const DIRECTORY_TAGS = [330, 34665, 34853, 40965]

/** Reads the directories of a TIFF; `undefined` where the bytes do not begin like one. */
export function readTiff(bytes: Buffer): TiffFile | undefined {
  const order = bytes.toString("latin1", 0, 2)
  if (bytes.length < 16 || (order !== "II" && order !== "MM")) return undefined
  const isLittle = order === "II"
  const version = isLittle ? bytes.readUInt16LE(2) : bytes.readUInt16BE(2)
  if (version !== 42 && version !== 43) return undefined
  const form = { bytes, isLittle, isBig: version === 43 }
  const directories = new Map<number, TiffDirectory>()
  const waiting = [readPlace(form, form.isBig ? 8 : 4)]
  let isWhole = true
  for (let offset = waiting.pop(); offset !== undefined; offset = waiting.pop()) {
    if (offset === 0 || directories.has(offset)) continue
    const directory = directories.size < MAX_DIRECTORIES ? readDirectory(form, offset) : undefined
    if (directory === undefined) {
      isWhole = false
      continue
    }
    directories.set(offset, directory)
    const below = DIRECTORY_TAGS.flatMap((tag) => numbersOf(form, directory, tag))
    waiting.push(...below.toReversed(), readPlace(form, directory.nextAt))
  }
  return { ...form, directories: [...directories.values()], isWhole }
}

type Form = Pick<TiffFile, "bytes" | "isLittle" | "isBig">

function readDirectory(form: Form, offset: number): TiffDirectory | undefined {
  const { bytes, isBig } = form
  const countBytes = isBig ? 8 : 2
  const entryBytes = isBig ? 20 : 12
  const inline = isBig ? 8 : 4
  if (offset + countBytes > bytes.length) return undefined
  const count = readNumber(form, offset, countBytes)
  const nextAt = offset + countBytes + count * entryBytes
  if (count > 65_535 || nextAt + inline > bytes.length) return undefined
  const entries = new Map<number, TiffEntry>()
  for (let i = 0; i < count; i++) {
    const entry = offset + countBytes + i * entryBytes
    const type = readNumber(form, entry + 2, 2)
    const values = readNumber(form, entry + 4, inline)
    const valueBytes = values * (TYPE_BYTES[type] ?? 0)
    const field = entry + 4 + inline
    const valueAt = valueBytes <= inline ? field : readNumber(form, field, inline)
    const tag = readNumber(form, entry, 2)
    entries.set(tag, { tag, type, count: values, valueAt, valueBytes })
  }
  return { offset: offset, end: nextAt + inline, nextAt, entries }
}

/** Integer values of a tag, as far as they are inside the file. */
export function numbersOf(form: Form, directory: TiffDirectory, tag: number): number[] {
  const entry = directory.entries.get(tag)
  if (entry === undefined) return []
  const size = TYPE_BYTES[entry.type] ?? 0
  if (![1, 2, 4, 8].includes(size) || entry.type === 5 || entry.type === 10) return []
  const held = Math.min(entry.count, Math.floor((form.bytes.length - entry.valueAt) / size))
  return Array.from({ length: Math.max(0, held) }, (_, i) => readNumber(form, entry.valueAt + i * size, size))
}

/** Reads an offset value. */
export function readPlace(form: Form, offset: number): number {
  return readNumber(form, offset, form.isBig ? 8 : 4)
}

/** Writes an offset value. */
export function writePlace({ bytes, isLittle, isBig }: Form, offset: number, place: number): void {
  if (isBig) {
    if (isLittle) bytes.writeBigUInt64LE(BigInt(place), offset)
    else bytes.writeBigUInt64BE(BigInt(place), offset)
  } else if (isLittle) bytes.writeUInt32LE(place, offset)
  else bytes.writeUInt32BE(place, offset)
}

function readNumber({ bytes, isLittle }: Form, offset: number, sizeBytes: number): number {
  if (sizeBytes === 8) return Number(isLittle ? bytes.readBigUInt64LE(offset) : bytes.readBigUInt64BE(offset))
  return isLittle ? bytes.readUIntLE(offset, sizeBytes) : bytes.readUIntBE(offset, sizeBytes)
}

/** Whether a directory describes pixels. */
export function isImage({ entries }: TiffDirectory): boolean {
  return entries.has(256) && entries.has(257) && (entries.has(273) || entries.has(324))
}
