/**
 * First bytes that identify binary formats; more specific signatures come first.
 * @module
 */
import type { MediaKind } from "./fingerprint.ts"

/** Bytes at an offset, and the type of a file that has them. */
export interface Signature {
  readonly offset: number
  readonly bytes: readonly number[]
  readonly mediaType: string
  readonly kind: MediaKind
  /** A further condition, where the signature is short. */
  readonly also?: Check
}

type Check = (head: Uint8Array, sizeBytes: number) => boolean

/** `P1` to `P6` with width and height, `P7` with its first keyword; comments may come between. */
export const PORTABLE_ANYMAP =
  /^P([1-6](?=[\s#])(\s|#[^\n]*\n)*\d+(\s|#[^\n]*\n)+\d+\s|7\n(#[^\n]*\n)*(WIDTH|HEIGHT|DEPTH|MAXVAL|TUPLTYPE) )/

/** Every signature, in the order in which they are tried. */
export const SIGNATURES: readonly Signature[] = [
  ...pictures(),
  ...arrays(),
  ...archives(),
  ...otherPictures(),
  ...soundAndVideo(),
  ...tables(),
  ...documentsAndPrograms(),
]

function pictures(): Signature[] {
  const picture = (mediaType: string, bytes: readonly number[], rule?: Rule) =>
    signature(`image/${mediaType}`, "picture", bytes, rule)
  return [
    signature("image/x-canon-cr2", "opaque", [0x49, 0x49, 0x2a, 0x00, 0x10, 0, 0, 0, 0x43, 0x52]),
    picture("jpeg", [0xff, 0xd8, 0xff]),
    picture("apng", text("\x89PNG\r\n\x1a\n"), { also: isAnimatedPng }),
    picture("png", text("\x89PNG\r\n\x1a\n")),
    picture("gif", text("GIF87a")),
    picture("gif", text("GIF89a")),
    picture("webp", text("RIFF"), { also: (head) => isText(head, 8, "WEBP") }),
    picture("tiff", [0x49, 0x49, 0x2a, 0x00]),
    picture("tiff", [0x4d, 0x4d, 0x00, 0x2a]),
    picture("tiff", [0x49, 0x49, 0x2b, 0x00]),
    picture("tiff", [0x4d, 0x4d, 0x00, 0x2b]),
    picture("bmp", text("BM"), { also: isBitmap }),
    picture("vnd.microsoft.icon", [0, 0, 1, 0], { also: isIcon }),
    picture("vnd.microsoft.icon", [0, 0, 2, 0], { also: isIcon }),
  ]
}

function arrays(): Signature[] {
  return [
    signature("application/x-npy", "array", text("\x93NUMPY")),
    signature("application/x-safetensors", "array", text("{"), { offset: 8, also: isSafetensors }),
  ]
}

function archives(): Signature[] {
  const opaque = (mediaType: string, bytes: readonly number[], rule?: Rule) =>
    signature(`application/${mediaType}`, "opaque", bytes, rule)
  return [
    signature("application/zip", "archive", [0x50, 0x4b, 3, 4]),
    signature("application/zip", "archive", [0x50, 0x4b, 5, 6]),
    signature("application/zip", "archive", [0x50, 0x4b, 7, 8]),
    signature("application/gzip", "archive", [0x1f, 0x8b, 0x08]),
    signature("application/zstd", "archive", [0x28, 0xb5, 0x2f, 0xfd]),
    // A skippable frame, with which a zstd file may begin.
    signature("application/zstd", "archive", [0x2a, 0x4d, 0x18], {
      offset: 1,
      also: ([first = 0]) => (first & 0xf0) === 0x50,
    }),
    signature("application/warc", "archive", text("WARC/")),
    opaque("x-7z-compressed", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]),
    opaque("vnd.rar", text("Rar!\x1a\x07")),
    opaque("x-xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
    opaque("x-bzip2", text("BZh"), { also: isBzip2 }),
    opaque("x-lz4", [0x04, 0x22, 0x4d, 0x18]),
    opaque("x-compress", [0x1f, 0x9d]),
    opaque("vnd.ms-cab-compressed", text("MSCF\0\0\0\0")),
  ]
}

function otherPictures(): Signature[] {
  const opaque = (mediaType: string, bytes: readonly number[], rule?: Rule) =>
    signature(`image/${mediaType}`, "opaque", bytes, rule)
  return [
    opaque("jxl", [0xff, 0x0a]),
    opaque("jxl", [0, 0, 0, 0x0c, ...text("JXL \r\n\x87\n")]),
    opaque("jp2", [0, 0, 0, 0x0c, ...text("jP  \r\n\x87\n")]),
    opaque("jp2", [0xff, 0x4f, 0xff, 0x51]),
    opaque("jxr", [0x49, 0x49, 0xbc]),
    opaque("vnd.adobe.photoshop", text("8BPS")),
    opaque("x-icns", text("icns")),
    opaque("x-exr", [0x76, 0x2f, 0x31, 0x01]),
    opaque("vnd.radiance", text("#?RADIANCE")),
    opaque("vnd.radiance", text("#?RGBE")),
    opaque("vnd.ms-dds", text("DDS ")),
    opaque("ktx", [0xab, ...text("KTX ")]),
    opaque("qoi", text("qoif")),
    opaque("bpg", [0x42, 0x50, 0x47, 0xfb]),
    opaque("vnd.djvu", text("AT&TFORM")),
    opaque("x-portable-anymap", text("P"), { also: (head) => PORTABLE_ANYMAP.test(latin1(head.subarray(0, 256))) }),
    opaque("wmf", [0xd7, 0xcd, 0xc6, 0x9a]),
    signature("image/emf", "opaque", text(" EMF"), { offset: 40 }),
    signature("application/dicom", "opaque", text("DICM"), { offset: 128 }),
    opaque("fits", text("SIMPLE  =")),
    opaque("x-xcf", text("gimp xcf")),
  ]
}

function soundAndVideo(): Signature[] {
  const opaque = (mediaType: string, bytes: readonly number[], rule?: Rule) =>
    signature(mediaType, "opaque", bytes, rule)
  const ebml = [0x1a, 0x45, 0xdf, 0xa3]
  return [
    opaque("audio/wav", text("RIFF"), { also: (head) => isText(head, 8, "WAVE") }),
    opaque("video/x-msvideo", text("RIFF"), { also: (head) => isText(head, 8, "AVI ") }),
    opaque("video/webm", ebml, { also: (head) => latin1(head.subarray(0, 256)).includes("webm") }),
    opaque("video/x-matroska", ebml),
    opaque("video/mpeg", [0, 0, 1, 0xba]),
    opaque("video/mpeg", [0, 0, 1, 0xb3]),
    opaque("video/mp2t", [0x47], { also: (head) => head[188] === 0x47 && head[376] === 0x47 }),
    opaque("video/x-flv", text("FLV\x01")),
    opaque("video/x-ms-asf", [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11]),
    opaque("audio/ogg", text("OggS")),
    opaque("audio/flac", text("fLaC")),
    opaque("audio/mpeg", text("ID3"), { also: (head) => (head[3] ?? 255) < 10 }),
    opaque("audio/mpeg", [0xff], { also: isMpegAudioFrame }),
    opaque("audio/midi", text("MThd")),
    opaque("audio/amr", text("#!AMR")),
    opaque("audio/aiff", text("FORM"), { also: (head) => isText(head, 8, "AIF") }),
  ]
}

function tables(): Signature[] {
  const opaque = (mediaType: string, bytes: readonly number[], rule?: Rule) =>
    signature(`application/${mediaType}`, "opaque", bytes, rule)
  return [
    opaque("vnd.apache.parquet", text("PAR1")),
    opaque("vnd.apache.parquet", text("PARE")),
    opaque("vnd.apache.arrow.file", text("ARROW1")),
    opaque("vnd.apache.arrow.stream", [0xff, 0xff, 0xff, 0xff], {
      also: (head) => head[7] === 0 && (head[4] ?? 0) % 8 === 0,
    }),
    opaque("avro", text("Obj\x01")),
    opaque("x-orc", text("ORC")),
    opaque("x-hdf5", text("\x89HDF\r\n\x1a\n")),
    opaque("vnd.sqlite3", text("SQLite format 3\0")),
    opaque("x-tfrecord", [], { also: isTfrecord }),
    opaque("x-pickle", [0x80], { also: (head) => (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5 }),
  ]
}

function documentsAndPrograms(): Signature[] {
  const opaque = (mediaType: string, bytes: readonly number[], rule?: Rule) =>
    signature(`application/${mediaType}`, "opaque", bytes, rule)
  return [
    opaque("pdf", text("%PDF-")),
    opaque("x-ole-storage", [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
    opaque("x-elf", text("\x7fELF")),
    opaque("wasm", text("\0asm")),
    opaque("x-archive", text("!<arch>\n")),
    opaque("vnd.adobe.flash-movie", text("CWS"), { also: (head) => (head[3] ?? 0) < 0x20 }),
    opaque("vnd.adobe.flash-movie", text("FWS"), { also: (head) => (head[3] ?? 0) < 0x20 }),
  ]
}

function signature(mediaType: string, kind: MediaKind, bytes: readonly number[], rule: Rule = {}): Signature {
  return { offset: 0, bytes, mediaType, kind, ...rule }
}

type Rule = Partial<Pick<Signature, "also" | "offset">>

function text(value: string): number[] {
  return Array.from(value, (character) => character.charCodeAt(0))
}

function isText(head: Uint8Array, offset: number, value: string): boolean {
  return latin1(head.subarray(offset, offset + value.length)) === value
}

/** The chunk that announces frames must precede the first picture data. */
function isAnimatedPng(head: Uint8Array): boolean {
  const view = viewOf(head)
  for (let offset = 8; offset + 12 <= head.length; ) {
    const name = latin1(head.subarray(offset + 4, offset + 8))
    if (name === "acTL") return true
    if (name === "IDAT") return false
    offset += 12 + view.getUint32(offset)
  }
  return false
}

/** The header is JSON of the length in the first eight bytes. */
function isSafetensors(head: Uint8Array, sizeBytes: number): boolean {
  const headerBytes = viewOf(head).getBigUint64(0, true)
  return headerBytes >= 2n && headerBytes <= 100_000_000n && headerBytes <= BigInt(sizeBytes) - 8n
}

/**
 * A level, then the magic of the first block (digits of pi) or, in an empty file, of the end (digits of its square
 * root).
 */
function isBzip2(head: Uint8Array): boolean {
  const level = head[3] ?? 0
  return level >= 0x31 && level <= 0x39 && (head[4] === 0x31 || head[4] === 0x17)
}

/** A known header size: of OS/2, whose header may be cut short, or of a Windows version. */
function isBitmap(head: Uint8Array): boolean {
  if (head.length < 18) return false
  const size = viewOf(head).getUint32(14, true)
  if (size === 12 || size === 42 || size === 46 || size === 108 || size === 124) return true
  return size >= 16 && size <= 64 && size % 4 === 0
}

/**
 * A number of pictures, the first after the directory; with more than 255 pictures the file must have room for the
 * directory.
 */
function isIcon(head: Uint8Array, sizeBytes: number): boolean {
  if (head.length < 22) return false
  const view = viewOf(head)
  const count = view.getUint16(4, true)
  const directoryEnd = 6 + 16 * count
  if (count > 255 && sizeBytes <= directoryEnd) return false
  return count >= 1 && view.getUint32(18, true) >= directoryEnd
}

/**
 * A sync word of eleven bits, then a valid version, layer, bit rate and sample rate. AAC in ADTS frames has layer 0.
 */
function isMpegAudioFrame(head: Uint8Array): boolean {
  const second = head[1] ?? 0
  const third = head[2] ?? 0
  // The byte order mark of UTF-16 would look like layer I, which is not in use.
  if (second === 0xfe) return false
  if ((second & 0xf6) === 0xf0) return (third & 0x3c) <= 0x30
  const exists = (second & 0xe0) === 0xe0 && (second & 0x18) !== 0x08 && (second & 0x06) !== 0
  return exists && third >>> 4 !== 0 && third >>> 4 !== 15 && (third & 0x0c) !== 0x0c
}

/** A length of eight bytes followed by its masked CRC-32C. */
function isTfrecord(head: Uint8Array): boolean {
  if (head.length < 12) return false
  let crc = 0xffffffff
  for (let i = 0; i < 8; i++) {
    crc ^= head[i] ?? 0
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  crc = (crc ^ 0xffffffff) >>> 0
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
  return viewOf(head).getUint32(8, true) === masked
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
