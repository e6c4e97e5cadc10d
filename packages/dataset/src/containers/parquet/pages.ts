/**
 * Pages of a column chunk.
 * @module
 */
import { createHash, type Hash } from "node:crypto"
import type { RandomSource } from "../../readers/source.ts"
import type { Budget } from "../rows/budget.ts"
import { CODEC, inflate } from "./codecs.ts"
import type { ColumnChunk } from "./footer.ts"
import { malformed, tooLarge } from "./malformed.ts"
import { booleanOf, countOf, integerOf, readStruct, structOf, type ThriftStruct } from "./thrift.ts"

/** Read at once, where a page is smaller. */
const WINDOW_BYTES = 2 ** 18
const HEADER_BYTES = 512

/** A page of values, inflated. Levels of a second-version page lie before its values and are never compressed. */
export interface Page {
  readonly kind: "dictionary" | "data" | "data-2"
  readonly header: ThriftStruct
  readonly bytes: Uint8Array
  /** Its values with their nulls. */
  readonly entries: number
  readonly encoding: number
  /** Offset of `bytes` in the file, where they are stored as they are. */
  readonly offset: number | undefined
  /** Of a second-version page. */
  readonly repetitionBytes: number
  readonly definitionBytes: number
}

/** A page as it lies in the file. */
export interface StoredPage {
  readonly header: ThriftStruct
  readonly body: Uint8Array
  /** Offset of the body in the file. */
  readonly offset: number
  /** Of the body, once inflated. */
  readonly sizeBytes: number
}

/** Memory that pages are read into one after the other. */
export class Scratch {
  #bytes = Buffer.alloc(0)

  /** So many bytes, whatever is in them; what was given before is no longer valid. */
  bytes(length: number): Uint8Array {
    if (this.#bytes.length < length) this.#bytes = Buffer.allocUnsafe(length)
    return this.#bytes.subarray(0, length)
  }
}

/** Reads the pages of a chunk in order. */
export class PageReader {
  readonly #source: RandomSource
  readonly #chunk: ColumnChunk
  readonly #budget: Budget
  readonly #hash: Hash | undefined
  readonly #scratch: Scratch | undefined
  readonly #end: number
  #position: number
  #window: Uint8Array = new Uint8Array()
  #windowStart = 0

  /**
   * @param isDigested - Whether {@link PageReader.digest} will be asked for.
   * @param scratch - Takes the bytes of large pages, each of which is then valid until the next is read.
   */
  constructor(
    source: RandomSource,
    chunk: ColumnChunk,
    {
      budget,
      isDigested,
      scratch,
    }: { readonly budget: Budget; readonly isDigested: boolean; readonly scratch?: Scratch },
  ) {
    this.#source = source
    this.#chunk = chunk
    this.#budget = budget
    this.#hash = isDigested ? createHash("sha256") : undefined
    this.#scratch = scratch
    this.#position = chunk.start
    this.#end = chunk.start + chunk.length
  }

  /** Whether all of the chunk's bytes were read. */
  get isAtEnd(): boolean {
    return this.#position === this.#end
  }

  /** SHA-256 over the bytes read. */
  digest(): string {
    return this.#hash?.digest("hex") ?? ""
  }

  /**
   * Reads the next page and inflates it.
   *
   * @throws {ShardError} `shard_malformed` also where there is none; `shard_limit`, `shard_bomb`.
   */
  async next(): Promise<Page> {
    return this.inflate(await this.nextStored(), inflate)
  }

  /**
   * Reads the next page as it is stored.
   *
   * @throws {ShardError} as {@link PageReader.next}.
   */
  async nextStored(): Promise<StoredPage> {
    const header = await this.#header()
    const compressedBytes = countOf(header, 3)
    const sizeBytes = countOf(header, 2)
    if (compressedBytes > this.#end - this.#position) throw malformed()
    this.#budget.assertInflates(compressedBytes, sizeBytes)
    const offset = this.#position
    const body = await this.#take(compressedBytes)
    return { header, body, offset, sizeBytes }
  }

  /**
   * Inflates a page.
   *
   * @param inflateBytes - As `inflate` of the codecs.
   * @throws {ShardError} `shard_malformed`
   */
  inflate({ header, body, offset: storedOffset, sizeBytes }: StoredPage, inflateBytes: typeof inflate): Page {
    const { codec } = this.#chunk
    const isStored = codec === CODEC.none
    const type = integerOf(header, 1)
    const one = { header, repetitionBytes: 0, definitionBytes: 0, offset: isStored ? storedOffset : undefined }
    const described = structOf(header, DESCRIPTIONS[type ?? -1] ?? 0)
    if (described === undefined) throw malformed()
    const entries = countOf(described, 1)
    if (type !== PAGE.data2) {
      const bytes = inflateBytes(codec, body, sizeBytes)
      const kind = type === PAGE.dictionary ? "dictionary" : "data"
      // Levels were bit-packed otherwise in the format's first years.
      if (kind === "data" && (integerOf(described, 3) === BIT_PACKED || integerOf(described, 4) === BIT_PACKED)) {
        throw malformed()
      }
      return { ...one, kind, bytes, entries, encoding: countOf(described, 2) }
    }
    const definitionBytes = countOf(described, 5)
    const repetitionBytes = countOf(described, 6)
    const levelBytes = definitionBytes + repetitionBytes
    if (levelBytes > body.length || levelBytes > sizeBytes) throw malformed()
    const isDeflated = !isStored && booleanOf(described, 7) !== false
    const levels = body.subarray(0, levelBytes)
    const values = body.subarray(levelBytes)
    const bytes = isDeflated
      ? Buffer.concat([levels, values.length === 0 ? values : inflateBytes(codec, values, sizeBytes - levelBytes)])
      : body
    if (bytes.length !== sizeBytes) throw malformed()
    const encoding = countOf(described, 4)
    const offset = isDeflated ? undefined : storedOffset
    return { ...one, kind: "data-2", bytes, entries, encoding, offset, repetitionBytes, definitionBytes }
  }

  async #header(): Promise<ThriftStruct> {
    const left = this.#end - this.#position
    if (left <= 0) throw malformed()
    for (let length = HEADER_BYTES; ; length *= 16) {
      const bytes = await this.#peek(Math.min(length, left))
      try {
        const header = readStruct(bytes, 0)
        this.#hash?.update(bytes.subarray(0, header.end))
        this.#position += header.end
        return header
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        if (length >= left) throw malformed()
        if (length >= this.#budget.limits.headerBytes) throw tooLarge("longer page headers")
      }
    }
  }

  async #take(length: number): Promise<Uint8Array> {
    const bytes = this.#fromScratch(length) ?? (await this.#peek(length))
    this.#hash?.update(bytes)
    this.#position += length
    return bytes
  }

  /** The next bytes in memory that is used again, if they are many and the source can fill it. */
  #fromScratch(length: number): Uint8Array | undefined {
    if (this.#scratch === undefined || this.#source.fill === undefined || length < WINDOW_BYTES) return undefined
    const bytes = this.#scratch.bytes(length)
    this.#source.fill(this.#position, bytes)
    return bytes
  }

  /** The next bytes, as a view that stays valid. */
  async #peek(length: number): Promise<Uint8Array> {
    const offset = this.#position - this.#windowStart
    if (offset + length <= this.#window.length) return this.#window.subarray(offset, offset + length)
    const left = this.#end - this.#position
    this.#window = await this.#source.read(this.#position, Math.max(length, Math.min(left, WINDOW_BYTES)))
    this.#windowStart = this.#position
    if (this.#window.length < length) throw malformed()
    return this.#window.subarray(0, length)
  }
}

const PAGE = { data: 0, dictionary: 2, data2: 3 } as const
/** Field of a page header that describes the page, by the page's type. */
const DESCRIPTIONS: Readonly<Record<number, number>> = { [PAGE.data]: 5, [PAGE.dictionary]: 7, [PAGE.data2]: 8 }
const BIT_PACKED = 4
