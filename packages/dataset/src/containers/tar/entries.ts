/**
 * Reads the members of a tar, one after the other, from their headers only.
 * @module
 */
import { compact, type InconclusiveCause, ShardError } from "@nightlight/core"
import { decodeName, isUnsafeName } from "../../readers/entry-name.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import { BLOCK_BYTES, isZeroBlock, parseTarHeader, type TarHeader } from "./header.ts"
import type { TarInput } from "./input.ts"
import { parsePaxRecords } from "./pax-records.ts"

/** One member. Its raw blocks are the bytes from `start` to `end`: extended headers, header, data, padding. */
export interface TarMember {
  readonly kind: "file" | "folder" | "other"
  readonly name: string
  readonly start: number
  readonly dataStart: number
  readonly sizeBytes: number
  readonly end: number
  /** Why it can never be clear; members of type `other` always have a reason. */
  readonly refused?: InconclusiveCause
}

/** The end of the archive: where its last member ends, and how many bytes of zeros follow. */
export interface TarEnd {
  readonly kind: "end"
  readonly start: number
  readonly zeroBytes: number
}

/** Larger extended headers are not copied, because nothing screened their content. */
const MAX_CLEAR_HEADER_BYTES = 16 * 1024
/** Most zeros after the last member; tapes pad to 10 KiB, some tools to more. */
const MAX_END_BYTES = 2 ** 20
const MAX_EXTENSIONS = 8

/**
 * Reads the members of a tar in order; the last value is its end. Before asking for the next member the caller may read
 * the current one's data from the input, which is positioned at `dataStart`.
 *
 * @throws {ShardError} `shard_malformed` if it is cut short, contains anything other than members, or continues after
 * its end marker; `shard_unsafe` if readers would disagree on where a member ends; `shard_limit` for an oversized
 * header.
 */
export async function* readTarEntries(input: TarInput, limits: ReaderLimits): AsyncGenerator<TarMember | TarEnd, void> {
  for (;;) {
    const start = input.position
    const first = await input.read(BLOCK_BYTES)
    if (first.length === 0) {
      // Some writers omit the end marker, and loaders accept that.
      yield { kind: "end", start, zeroBytes: 0 }
      return
    }
    if (isZeroBlock(first)) {
      yield { kind: "end", start, zeroBytes: await readEnd(input, start) }
      return
    }
    const member = await readMember(input, first, { start, limits })
    yield member
    if (!(await input.skipTo(member.end))) throw cutShort()
  }
}

async function readMember(
  input: TarInput,
  first: Uint8Array,
  { start, limits }: { readonly start: number; readonly limits: ReaderLimits },
): Promise<TarMember> {
  let header = parseTarHeader(first)
  let extensions = NO_EXTENSIONS
  for (let count = 0; isExtension(header.type); count++) {
    if (count === MAX_EXTENSIONS) throw new ShardError("shard_malformed", "a tar member has too many extended headers")
    extensions = merge(extensions, header.type, await readExtension(input, header, limits))
    header = parseTarHeader(await readBlock(input))
  }
  for (let more = header.extended; more; ) more = (await readBlock(input))[504] !== 0
  const name = extensions.name ?? header.name
  // By its whole name: a long one is cut in the header's field, and may be cut behind a slash.
  const type = header.type === "0" && name.endsWith("/") ? "5" : header.type
  const kind = kindOf(type)
  const sizeBytes = extensions.sizeBytes ?? header.sizeBytes
  if (sizeBytes > 0 && HOLDS_NO_DATA.has(type)) {
    throw new ShardError("shard_unsafe", "a tar member without data has a size: readers differ on what follows")
  }
  const dataStart = input.position
  const refused = refusalOf(kind, header, { ...extensions, name, headerBytes: dataStart - start })
  const end = dataStart + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES
  if (!Number.isSafeInteger(end)) throw new ShardError("shard_malformed", "expected the size of a tar member")
  return compact({ kind, name, start, dataStart, sizeBytes, end, refused })
}

interface Extensions {
  readonly name?: string
  readonly sizeBytes?: number
  readonly sparse: boolean
  readonly ambiguous: boolean
}

const NO_EXTENSIONS: Extensions = { sparse: false, ambiguous: false }

/** pax for the next member (`X`: Solaris), pax for all that follow, GNU long name, GNU long link. */
function isExtension(type: string): boolean {
  return "xXgLK".includes(type)
}

function merge(extensions: Extensions, type: string, body: Uint8Array): Extensions {
  if (type === "K") return extensions
  const isNamed = extensions.name !== undefined
  if (type === "L") {
    const end = body.indexOf(0)
    const name = decodeName(end === -1 ? body : body.subarray(0, end))
    return { ...extensions, name, ambiguous: extensions.ambiguous || isNamed }
  }
  const { path, sizeBytes, sparse, linkPath } = parsePaxRecords(body)
  if (type === "g" && (path !== undefined || sizeBytes !== undefined || sparse || linkPath)) {
    throw new ShardError("shard_unsafe", "a tar header gives one name or size to all members that follow")
  }
  return {
    ...extensions,
    ...compact({ name: path, sizeBytes }),
    sparse: extensions.sparse || sparse,
    ambiguous: extensions.ambiguous || (path !== undefined && isNamed),
  }
}

async function readExtension(input: TarInput, header: TarHeader, limits: ReaderLimits): Promise<Uint8Array> {
  if (header.sizeBytes > limits.headerBytes) throw new ShardError("shard_limit", "an extended tar header is too large")
  const padded = Math.ceil(header.sizeBytes / BLOCK_BYTES) * BLOCK_BYTES
  const bytes = await input.read(padded)
  if (bytes.length < padded) throw cutShort()
  return bytes.subarray(0, header.sizeBytes)
}

async function readBlock(input: TarInput): Promise<Uint8Array> {
  const block = await input.read(BLOCK_BYTES)
  if (block.length < BLOCK_BYTES) throw cutShort()
  return block
}

/** Reads the bytes after the end marker, which must be zeros. */
async function readEnd(input: TarInput, start: number): Promise<number> {
  for (;;) {
    const bytes = await input.read(64 * 1024)
    if (bytes.length === 0) return input.position - start
    if (!isZeroBlock(bytes) || input.position - start > MAX_END_BYTES) {
      throw new ShardError("shard_malformed", "a tar continues after its end marker", {
        hint: "Loaders stop at the marker and would not see the rest. Unpack concatenated archives into one.",
      })
    }
  }
}

/** Folder, links, devices, queue: Python ignores their size, other readers do not. */
const HOLDS_NO_DATA = new Set(["1", "2", "3", "4", "5", "6"])

function kindOf(type: string): TarMember["kind"] {
  return type === "0" ? "file" : type === "5" ? "folder" : "other"
}

function refusalOf(
  kind: TarMember["kind"],
  header: TarHeader,
  about: Extensions & { readonly name: string; readonly headerBytes: number },
): InconclusiveCause | undefined {
  if (header.type === "1" || header.type === "2") return "name_unsafe"
  if (kind === "other" || about.sparse) return "media_unsupported"
  if (about.headerBytes > MAX_CLEAR_HEADER_BYTES) return "archive_limit"
  const isNameless = about.ambiguous || (about.name === header.name && header.ambiguous)
  return isNameless || isUnsafeName(about.name) ? "name_unsafe" : undefined
}

function cutShort(): ShardError {
  return new ShardError("shard_malformed", "a tar is cut short")
}
