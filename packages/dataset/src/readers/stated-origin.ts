/**
 * What a sample states of its origin: the addresses it was loaded from, its licence, digests of the file as it was
 * downloaded.
 *
 * Source: the columns and keys of img2dataset, LAION, DataComp, COYO, PD12M, WebVid (`contentUrl`), MMC4 (`raw_url`),
 * OBELICS, and of chat files that name pictures by address (`image_url`).
 * @module
 */
import { compact } from "@nightlight/core"

/** Kinds of stated values. `hash` is a digest whose type is known by its length. */
export type OriginField = "url" | "license" | "md5" | "sha1" | "sha256" | "hash"

/** Values that a sample states of its origin: of each field the one that is most likely its own. In memory only. */
export interface StatedOrigin extends Readonly<Partial<Record<OriginField, string>>> {
  /** All other values. */
  readonly others?: readonly (readonly [field: OriginField, value: string])[]
  /** Whether more was stated than is kept, so that it was not matched completely. */
  readonly isCut?: true
}

/** Most different values of one sample, and most characters of them together. */
export const MAX_STATED = 20_000
const MAX_STATED_CHARS = 2 ** 22

/** How near to the sample a value stands: in its outermost record, in that record's metadata, or further inside. */
export type OriginDepth = "outer" | "metadata" | "inner"

const URL_NAME = /(?:ur[li]|link|href)s?$/
const HASH_NAME = /^(?:image|img|file|media|content)?(?:hash|checksum|digest|etag)(?:hex)?$/
const DIGEST_NAME = /(?:^|[^0-9])(md5|sha1|sha256|sha512)(?![0-9])/
const LICENCE_NAMES: readonly string[] = ["license", "licence"]
const DIGEST_BYTES: Readonly<Record<string, number>> = { md5: 16, sha1: 20, sha256: 32, sha512: 64 }
/** Longer values state no origin. */
const MAX_VALUE_BYTES = 8_192
/** The names of addresses and digests, the likeliest to be the sample's own first. */
const FIRST_NAMES: readonly string[] = ["url", "md5", "sha1", "sha256", "hash", "sourceurl", "pageurl"]
const DEPTHS: readonly OriginDepth[] = ["outer", "metadata", "inner"]
/** Names are the dataset's own: no more are remembered. */
const MAX_NAMES = 1_000

interface KnownName {
  readonly field: OriginField | undefined
  readonly digestBytes: readonly number[]
  readonly rank: number
}

const known = new Map<string, KnownName>()

/** What a column or key holds, by its name, in any case and with any separators: `Image_URL`, `md5_hash`, `SHA-256`. */
export function originFieldOf(name: string): OriginField | undefined {
  return knownName(name).field
}

/** Lengths of the digests, in bytes, that a column of this name may hold; empty for any other column. */
export function digestBytesOf(name: string): readonly number[] {
  return knownName(name).digestBytes
}

function knownName(name: string): KnownName {
  const found = known.get(name) ?? readName(name)
  if (known.size < MAX_NAMES) known.set(name, found)
  return found
}

function readName(name: string): KnownName {
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, "")
  const place = FIRST_NAMES.indexOf(plain)
  const rank = place === -1 ? FIRST_NAMES.length : place
  if (LICENCE_NAMES.includes(plain)) return { field: "license", digestBytes: [], rank }
  const digest = DIGEST_NAME.exec(plain)?.[1]
  if (digest !== undefined) {
    const field = digest === "sha512" ? undefined : (digest as OriginField)
    return { field, digestBytes: [DIGEST_BYTES[digest] as number], rank }
  }
  if (HASH_NAME.test(plain)) return { field: "hash", digestBytes: Object.values(DIGEST_BYTES), rank }
  return { field: URL_NAME.test(plain) ? "url" : undefined, digestBytes: [], rank }
}

interface Stated {
  readonly field: OriginField
  readonly value: string
  readonly rank: number
}

/** Collects what one sample states. */
export class OriginCollector {
  readonly #stated = new Map<string, Stated>()
  #chars = 0
  #isCut = false

  /**
   * Takes a value, if its name is that of an origin's field.
   *
   * @param value - Returns it; asked for only if it is taken.
   */
  add(name: string, depth: OriginDepth, lengthBytes: number, value: () => string): void {
    if (lengthBytes > MAX_VALUE_BYTES) return
    const { field, rank: nameRank } = knownName(name)
    if (field === undefined) return
    const text = value()
    const key = `${field} ${text}`
    const rank = DEPTHS.indexOf(depth) * (FIRST_NAMES.length + 1) + nameRank
    const known = this.#stated.get(key)
    if (known === undefined) {
      if (this.#stated.size === MAX_STATED || this.#chars > MAX_STATED_CHARS) {
        this.#isCut = true
        return
      }
      this.#chars += text.length
    }
    if (known === undefined || rank < known.rank) this.#stated.set(key, { field, value: text, rank })
  }

  /** What was collected; forgets it. Empty where nothing was. */
  take(): StatedOrigin {
    const stated = [...this.#stated.values()].sort((one, other) => one.rank - other.rank)
    const isCut = this.#isCut
    this.#stated.clear()
    this.#chars = 0
    this.#isCut = false
    const origin: Partial<Record<OriginField, string>> = {}
    const others: [OriginField, string][] = []
    for (const { field, value } of stated) {
      if (origin[field] === undefined) origin[field] = value
      else others.push([field, value])
    }
    return { ...origin, ...compact({ others: others.length === 0 ? undefined : others, isCut: isCut || undefined }) }
  }
}
