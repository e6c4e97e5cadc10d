/**
 * The entries of a zip, from its central directory, each checked against its local header before anything is inflated.
 * @module
 */
import { type InconclusiveCause, NightlightError, ShardError } from "@nightlight/core"
import { type Entry, fromRandomAccessReaderPromise, getFileNameLowLevel, RandomAccessReader } from "yauzl"
import { decodeName, isUnsafeName } from "../../readers/entry-name.ts"
import type { RandomSource } from "../../readers/source.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import { isBomb } from "../tar/input.ts"
import { extraFields, MAX_EXTRA_BYTES, ZIP64_FIELD } from "./extra-fields.ts"

/** One entry of a zip. */
export interface ZipEntry {
  readonly name: string
  readonly isFolder: boolean
  /** 0 stored, 8 deflated; any other is refused. */
  readonly method: number
  readonly crc32: number
  readonly compressedSize: number
  readonly sizeBytes: number
  /** Offset of the local header. */
  readonly start: number
  readonly dataStart: number
  /** Offset behind the data and, where there is one, the descriptor that repeats its sizes. */
  readonly end: number
  /** The directory's whole record, raw. */
  readonly record: Uint8Array
  readonly refused?: InconclusiveCause
  /** Its bytes are not available. */
  readonly unread?: true
}

/** A zip's entries in the order of its directory. */
export interface ZipDirectory {
  readonly entries: readonly ZipEntry[]
  /** The comment of the whole file, raw. */
  readonly comment: Uint8Array
  /** Whether entries, directory and end record account for all of the file's bytes, except a few in extra fields and comments. */
  readonly isTight: boolean
}

const ENCRYPTED = 0x1
const DESCRIPTOR = 0x8
const LOCAL_HEADER_BYTES = 30
const END_RECORD_BYTES = 22
const ZIP64_END_BYTES = 56 + 20

/**
 * Reads a zip's directory.
 *
 * Entries whose names are equal but for case or Unicode normalisation are refused, as one would replace the other.
 *
 * @throws {ShardError} `shard_malformed`; `shard_bomb` if entries overlap; `shard_limit` for too many entries.
 */
export async function readZipDirectory(source: RandomSource, limits: ReaderLimits): Promise<ZipDirectory> {
  try {
    return await read(source, limits)
  } catch (error) {
    if (error instanceof NightlightError) throw error
    throw new ShardError("shard_malformed", "a zip is damaged or cut short")
  }
}

async function read(source: RandomSource, limits: ReaderLimits): Promise<ZipDirectory> {
  const zip = await fromRandomAccessReaderPromise(new SourceReader(source), source.sizeBytes, {
    autoClose: false,
    decodeStrings: false,
    lazyEntries: true,
  })
  if (zip.entryCount > limits.items) throw new ShardError("shard_limit", "a zip has too many entries")
  // The types declare a boolean; it is the offset of the next directory record.
  const cursor = () => Number(zip.readEntryCursor)
  const directoryStart = cursor()
  const entries: ZipEntry[] = []
  let extraBytes = excess(zip.comment)
  let recordStart = directoryStart
  for await (const entry of zip.eachEntry()) {
    const record = await source.read(recordStart, cursor() - recordStart)
    recordStart = cursor()
    entries.push({ ...checkEntry(entry, await readLocal(source, entry), limits), record })
    extraBytes += excess(entry.extraFieldRaw) + excess(entry.fileCommentRaw)
  }
  const gapBytes = measureGaps(entries, directoryStart)
  const endBytes = source.sizeBytes - cursor() - zip.comment.length
  const isTight =
    gapBytes === 0 &&
    extraBytes === 0 &&
    (endBytes === END_RECORD_BYTES || endBytes === END_RECORD_BYTES + ZIP64_END_BYTES)
  const comment = await source.read(source.sizeBytes - zip.comment.length, zip.comment.length)
  return { entries: refuseCollisions(entries), comment, isTight }
}

/** Bytes beyond those that are copied as they are. */
function excess({ length }: { readonly length: number }): number {
  return Math.max(0, length - MAX_EXTRA_BYTES)
}

interface LocalHeader {
  readonly dataStart: number
  readonly end: number
  readonly extra: Uint8Array
  readonly agrees: boolean
}

/** Reads the header before an entry's data: streaming readers rely on it, so it must agree with the directory. */
async function readLocal(source: RandomSource, entry: Entry): Promise<LocalHeader> {
  const start = entry.relativeOffsetOfLocalHeader
  const nameLength = entry.fileNameRaw.length
  const header = Buffer.from(await source.read(start, LOCAL_HEADER_BYTES + nameLength))
  if (header.length < LOCAL_HEADER_BYTES || header.readUInt32LE(0) !== 0x04034b50) {
    throw new ShardError("shard_malformed", "expected the local header of a zip entry")
  }
  const extraLength = header.readUInt16LE(28)
  const descriptor = await descriptorBytes(
    source,
    entry,
    start + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + extraLength,
  )
  const extra = Buffer.from(await source.read(start + LOCAL_HEADER_BYTES + header.readUInt16LE(26), extraLength))
  const agrees =
    descriptor !== undefined &&
    saysTheSame(header, extra, entry) &&
    header.readUInt16LE(6) === entry.generalPurposeBitFlag &&
    header.readUInt16LE(8) === entry.compressionMethod &&
    header.readUInt16LE(26) === nameLength &&
    header.subarray(LOCAL_HEADER_BYTES).equals(entry.fileNameRaw) &&
    extraLength <= MAX_EXTRA_BYTES
  const dataStart = start + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + extraLength
  if (dataStart + entry.compressedSize > source.sizeBytes) {
    throw new ShardError("shard_malformed", "a zip entry reaches beyond the end of the file")
  }
  return { dataStart, end: dataStart + entry.compressedSize + (descriptor ?? 0), extra, agrees }
}

/**
 * Whether a local header repeats the directory's checksum and sizes: with a descriptor after the data all three may be
 * zero, and with zip64 the sizes are in an extra field (APPNOTE 4.4.4, 4.5.3).
 */
function saysTheSame(header: Buffer, extra: Buffer, entry: Entry): boolean {
  const given = [header.readUInt32LE(14), header.readUInt32LE(18), header.readUInt32LE(22)] as const
  const [crc32, compressedSize, sizeBytes] = given
  const isDeferred = (entry.generalPurposeBitFlag & DESCRIPTOR) !== 0
  if (isDeferred && given.every((value) => value === 0)) return true
  const wide = wideSizes(extra)
  const isSize = (value: number, expected: number, from: bigint | undefined) =>
    value === 0xffffffff && from !== undefined
      ? Number(from) === expected || (isDeferred && from === 0n)
      : value === expected || (isDeferred && value === 0)
  return (
    (crc32 === entry.crc32 || (isDeferred && crc32 === 0)) &&
    isSize(compressedSize, entry.compressedSize, sizeBytes === 0xffffffff ? wide[1] : wide[0]) &&
    isSize(sizeBytes, entry.uncompressedSize, wide[0])
  )
}

/** The sizes of a zip64 extra field, the uncompressed one first. */
function wideSizes(extra: Buffer): readonly bigint[] {
  const data = extraFields(extra).find(({ id }) => id === ZIP64_FIELD)?.data
  if (data === undefined) return []
  return Array.from({ length: Math.floor(data.length / 8) }, (_, index) => data.readBigUInt64LE(8 * index))
}

/**
 * Length of the descriptor after an entry's data: sizes of 4 or 8 bytes, with a signature or without; `undefined` where
 * there should be one that agrees with the directory.
 */
async function descriptorBytes(source: RandomSource, entry: Entry, dataStart: number): Promise<number | undefined> {
  if ((entry.generalPurposeBitFlag & DESCRIPTOR) === 0) return 0
  const bytes = Buffer.from(await source.read(dataStart + entry.compressedSize, 24))
  const { crc32, compressedSize, uncompressedSize } = entry
  for (const [signed, wide] of [
    [true, false],
    [true, true],
    [false, false],
    [false, true],
  ] as const) {
    const offset = signed ? 4 : 0
    const length = offset + (wide ? 20 : 12)
    if (bytes.length < length || (signed && bytes.readUInt32LE(0) !== 0x08074b50)) continue
    const sizeAt = (index: number) =>
      wide ? Number(bytes.readBigUInt64LE(offset + 4 + 8 * index)) : bytes.readUInt32LE(offset + 4 + 4 * index)
    if (bytes.readUInt32LE(offset) === crc32 && sizeAt(0) === compressedSize && sizeAt(1) === uncompressedSize)
      return length
  }
  return undefined
}

function checkEntry(entry: Entry, local: LocalHeader, limits: ReaderLimits): Omit<ZipEntry, "record"> {
  const nameBytes = entry.fileNameRaw
  const name = decodeName(nameBytes)
  // Info-ZIP's second name for the same entry, which readers prefer: of the directory or of the local header.
  const shown = [entry.extraFields, [...extraFields(local.extra)]].map((fields) =>
    getFileNameLowLevel(entry.generalPurposeBitFlag | 0x800, nameBytes, fields, true),
  )
  // Deflating nothing gives two bytes.
  const isFolder = name.endsWith("/") && entry.uncompressedSize === 0 && entry.compressedSize <= 2
  const mode = entry.versionMadeBy >>> 8 === 3 ? (entry.externalFileAttributes >>> 28) & 0xf : 0
  const verdict = ((): Pick<ZipEntry, "refused" | "unread"> => {
    if ((entry.generalPurposeBitFlag & ENCRYPTED) !== 0) return { refused: "archive_encrypted", unread: true }
    if (mode === 0xa) return { refused: "name_unsafe" }
    if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
      return { refused: "media_unsupported", unread: true }
    if (isBomb(entry.uncompressedSize, entry.compressedSize, limits)) return { refused: "archive_limit", unread: true }
    // Deflate grows data by a few bytes in a thousand at most, so a larger entry is not genuine.
    const heldBytes = Math.max(entry.uncompressedSize, entry.compressedSize)
    if (entry.compressionMethod !== 0 && heldBytes > limits.itemBytes) return { refused: "byte_limit", unread: true }
    if (!local.agrees) return { refused: "archive_malformed" }
    const isUnsafe = isUnsafeName(name) || shown.some(isUnsafeName) || (name.endsWith("/") && !isFolder)
    return isUnsafe ? { refused: "name_unsafe" } : {}
  })()
  return {
    name,
    isFolder,
    method: entry.compressionMethod,
    crc32: entry.crc32,
    compressedSize: entry.compressedSize,
    sizeBytes: entry.uncompressedSize,
    start: entry.relativeOffsetOfLocalHeader,
    dataStart: local.dataStart,
    end: local.end,
    ...verdict,
  }
}

/** Counts bytes before the directory that belong to no entry. */
function measureGaps(entries: readonly ZipEntry[], directoryStart: number): number {
  let gapBytes = 0
  let covered = 0
  for (const entry of [...entries].sort((a, b) => a.start - b.start)) {
    if (entry.start < covered) throw new ShardError("shard_bomb", "entries of a zip overlap")
    gapBytes += entry.start - covered
    covered = entry.end
  }
  if (covered > directoryStart) throw new ShardError("shard_bomb", "entries of a zip overlap its directory")
  return gapBytes + directoryStart - covered
}

function refuseCollisions(entries: readonly ZipEntry[]): readonly ZipEntry[] {
  const seen = new Map<string, number>()
  const plain = (name: string) => name.normalize("NFC").toLowerCase().normalize("NFC")
  for (const { name } of entries) seen.set(plain(name), (seen.get(plain(name)) ?? 0) + 1)
  return entries.map((entry) =>
    seen.get(plain(entry.name)) === 1 || entry.refused !== undefined ? entry : { ...entry, refused: "name_unsafe" },
  )
}

/** Lets yauzl read from a {@link RandomSource}. */
class SourceReader extends RandomAccessReader {
  readonly #source: RandomSource

  constructor(source: RandomSource) {
    super()
    this.#source = source
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.#copy(buffer.subarray(offset), length, position).then(
      (count) => callback(null, count),
      (error: unknown) => callback(error as Error),
    )
  }

  async #copy(to: Buffer, length: number, position: number): Promise<number> {
    const bytes = await this.#source.read(position, length)
    to.set(bytes)
    return bytes.length
  }
}
