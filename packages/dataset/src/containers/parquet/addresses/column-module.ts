/**
 * The WebAssembly module that looks the values of columns up: addresses, digests, texts. It lets pass what surely
 * matches no list and holds only words; anything else is looked at again.
 * @module
 */
import { readFileSync } from "node:fs"
import { ShardError } from "@nightlight/core"
import { CODEC, inflate, snappyLength } from "../codecs.ts"
import type { HybridReader } from "../hybrid.ts"
import { malformed, tooLarge } from "../malformed.ts"
import { type DigestPrefixes, hasPrefix } from "./digest-prefixes.ts"

/** Exports of `assembly/columns/index.ts`. Addresses are returned as signed numbers. */
export interface ColumnExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  allocate(bytes: number): number
  filterBytes(count: number): number
  useFilter(type: number, at: number, count: number): void
  addPrefixes(type: number, upper: number, lower: number, count: number): void
  inflateSnappy(input: number, inputBytes: number, output: number, outputBytes: number): number
  testValues(
    role: number,
    start: number,
    pageEnd: number,
    entries: number,
    levels: number,
    definition: number,
    found: number,
  ): number
  valuesEnd(): number
}

/** The part of the API used here; its types are in a browser library. */
interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: object }
}

/** What values are looked up as. */
export const ROLES = { address: 0, digestText: 1, digestBytes: 2, text: 3 } as const
/** One of {@link ROLES}; for digests in bytes as {@link bytesRole} gives it. */
export type Role = number

/** Lengths of digests, by their numbers in the module. */
const LENGTHS: readonly number[] = [16, 20, 32, 64]

/** The role of digests in bytes, of the lengths that their column may have; any other length is looked at. */
export function bytesRole(lengths: readonly number[]): Role {
  return (
    ROLES.digestBytes | (LENGTHS.reduce((bits, length, at) => bits | (lengths.includes(length) ? 1 << at : 0), 0) << 8)
  )
}

/** Types of digests, by their numbers in the module. */
export const FILTER_TYPES = ["md5", "sha1", "sha256", "url"] as const
type FilterType = (typeof FILTER_TYPES)[number]
type PrefixesByType = Readonly<Record<FilterType, readonly DigestPrefixes[]>>

/** Entries that are tested in one call, so that what they need stays in the processor's cache. */
const SLICE = 2 ** 16
/** A found entry: its position, and address and length of its value. */
const FOUND_WORDS = 3
const WORD_BYTES = 4
/** Bytes of a filter for each of its digests, at least. */
const FILTER_BYTES = 8
/** Bytes of all filters that leave room for pages in the module's memory. */
const MAX_FILTER_BYTES = 3 * 2 ** 30

/** Values of a page, each behind its length in four bytes. */
export interface PlainValues {
  readonly bytes: Uint8Array
  readonly start: number
  /** Values with their nulls. */
  readonly entries: number
  /** Levels of the entries, where some may be null: those below `definition`. */
  readonly levels: HybridReader | undefined
  readonly definition: number
}

/** Receives a value that may match or hold more than words; the bytes are valid until it returns. */
export type FoundValue = (entry: number, bytes: Uint8Array, start: number, length: number) => void

/** A part of the module's memory, which grows by being replaced. */
interface Region {
  readonly at: number
  readonly sizeBytes: number
}
const NO_REGION: Region = { at: 0, sizeBytes: 0 }

/** One instance of the module, with filters of all lists' digests. */
export class ColumnModule {
  readonly #exports: ColumnExports
  readonly #prefixes: PrefixesByType
  readonly #levels: number
  readonly #found: number
  #input = NO_REGION
  #output = NO_REGION

  /** The module; undefined where the filters of so many digests do not fit into its memory of 4 GiB. */
  static create(prefixes: PrefixesByType): ColumnModule | undefined {
    const bytes = FILTER_TYPES.reduce(
      (sum, type) => sum + prefixes[type].reduce((total, { upper }) => total + upper.length * FILTER_BYTES, 0),
      0,
    )
    if (bytes > MAX_FILTER_BYTES) return undefined
    try {
      return new ColumnModule(prefixes)
    } catch (error) {
      if (error instanceof ShardError) return undefined
      throw error
    }
  }

  /** @throws {ShardError} `shard_limit` without enough memory: see {@link ColumnModule.create}. */
  constructor(prefixes: PrefixesByType) {
    this.#prefixes = prefixes
    this.#exports = startModule()
    this.#levels = this.#allocate(SLICE * WORD_BYTES)
    this.#found = this.#allocate(SLICE * WORD_BYTES * FOUND_WORDS)
    for (const [type, name] of FILTER_TYPES.entries()) this.#fill(type, prefixes[name])
  }

  /** Whether a list has a digest with this prefix. */
  hasPrefix(type: FilterType, upper: number, lower: number): boolean {
    return this.#prefixes[type].some((table) => hasPrefix(table, upper, lower))
  }

  /**
   * Inflates a page.
   *
   * @returns its bytes, valid until the module is used again.
   * @throws {ShardError} `shard_malformed` as `inflate` of the codecs.
   */
  inflate(codec: number, body: Uint8Array, sizeBytes: number): Uint8Array {
    if (codec !== CODEC.snappy) return inflate(codec, body, sizeBytes)
    if (snappyLength(body, sizeBytes) !== sizeBytes) throw malformed()
    this.#input = this.#reserve(this.#input, body.length)
    this.#output = this.#reserve(this.#output, sizeBytes)
    this.#bytes(this.#input.at, body.length).set(body)
    const isSound = this.#exports.inflateSnappy(this.#input.at, body.length, this.#output.at, sizeBytes)
    if (isSound === 0) throw malformed()
    return this.#bytes(this.#output.at, sizeBytes)
  }

  /**
   * Tests the values of a page.
   *
   * @returns the offset behind the last value.
   * @throws {ShardError} `shard_malformed` where a value ends outside of the page, or a level is too high.
   */
  testPlain(role: Role, { bytes, start, entries, levels, definition }: PlainValues, found: FoundValue): number {
    const placed = this.#place(bytes)
    const pageEnd = placed.byteOffset + placed.length
    let at = placed.byteOffset + start
    for (let first = 0; first < entries; first += SLICE) {
      const count = Math.min(SLICE, entries - first)
      levels?.fill(this.#words(this.#levels, count), count)
      const levelsAt = levels === undefined ? 0 : this.#levels
      const foundCount = this.#exports.testValues(role, at, pageEnd, count, levelsAt, definition, this.#found)
      if (foundCount < 0) throw malformed()
      const values = new Uint32Array(this.#exports.memory.buffer, this.#found, foundCount * FOUND_WORDS)
      for (let index = 0; index < values.length; index += FOUND_WORDS) {
        const [entry = 0, valueAt = 0, length = 0] = values.subarray(index, index + FOUND_WORDS)
        found(first + entry, placed, valueAt - placed.byteOffset, length)
      }
      at = this.#exports.valuesEnd() >>> 0
    }
    return at - placed.byteOffset
  }

  /** Puts bytes into the module's memory, where they are not yet. */
  #place(bytes: Uint8Array): Uint8Array {
    if (bytes.buffer === this.#exports.memory.buffer) return bytes
    this.#output = this.#reserve(this.#output, bytes.length)
    const placed = this.#bytes(this.#output.at, bytes.length)
    placed.set(bytes)
    return placed
  }

  #fill(type: number, tables: readonly DigestPrefixes[]): void {
    const isAddress = type === FILTER_TYPES.indexOf("url")
    const counts = isAddress ? countByKind(tables) : [tables.reduce((sum, { upper }) => sum + upper.length, 0)]
    for (const [kind, count] of counts.entries()) {
      if (count > 0) this.#exports.useFilter(type + kind, this.#allocate(this.#exports.filterBytes(count)), count)
    }
    for (const { upper, lower } of tables) {
      for (let first = 0; first < upper.length; first += SLICE) {
        const rows = Math.min(SLICE, upper.length - first)
        this.#words(this.#levels, rows).set(upper.subarray(first, first + rows))
        this.#words(this.#found, rows).set(lower.subarray(first, first + rows))
        this.#exports.addPrefixes(type, this.#levels, this.#found, rows)
      }
    }
  }

  #reserve(region: Region, sizeBytes: number): Region {
    if (sizeBytes <= region.sizeBytes) return region
    const larger = Math.max(sizeBytes, 2 * region.sizeBytes)
    return { at: this.#allocate(larger), sizeBytes: larger }
  }

  #allocate(bytes: number): number {
    const at = this.#exports.allocate(bytes)
    if (at === 0) throw tooLarge("larger pages than fit into memory beside the lists")
    return at >>> 0
  }

  #bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer, at, length)
  }

  #words(at: number, length: number): Int32Array {
    return new Int32Array(this.#exports.memory.buffer, at, length)
  }
}

/** How many prefixes are of addresses, of folders and of hosts, and of all of them, as each tells of a host. */
function countByKind(tables: readonly DigestPrefixes[]): readonly number[] {
  const counts: [number, number, number] = [0, 0, 0]
  for (const { lower } of tables) for (const word of lower) counts[Math.min(word >>> 30, 2) as 0 | 1 | 2]++
  return [...counts, counts[0] + counts[1] + counts[2]]
}

let compiled: object | undefined

function startModule(): ColumnExports {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly
  compiled ??= new Module(readFileSync(new URL("../../../../wasm/columns.wasm", import.meta.url)))
  return new Instance(compiled, {}).exports as ColumnExports
}
