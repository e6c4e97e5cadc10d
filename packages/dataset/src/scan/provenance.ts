/**
 * The origin that a sample states: the source URL, licence and raw digests that img2dataset and similar tools keep in
 * the JSON beside each picture.
 *
 * The digests matter: a crawler re-encodes what it downloads, so the stored bytes never equal a list's entry, while the
 * raw download's digest in the metadata does.
 * @module
 */
import { compact } from "@nightlight/core"
import type { DigestQuery } from "@nightlight/screening"
import { scanJson } from "../containers/records/json-strings.ts"
import { OriginReader } from "../containers/records/origin.ts"
import { readDigest } from "../readers/digest-text.ts"
import type { OriginField, StatedOrigin } from "../readers/stated-origin.ts"
import type { Item, Sample } from "../readers/types.ts"

/** The usable part of a sample's metadata. */
export interface SampleProvenance {
  readonly url?: string
  readonly licence?: string
  /** Digests of the raw download. */
  readonly declared?: DigestQuery
  /** Further addresses: of the page, of other pictures that the sample names. */
  readonly otherUrls?: readonly string[]
  readonly otherDigests?: readonly DigestQuery[]
  /** Whether more was stated than was read. */
  readonly isCut?: true
}

/** How many addresses and digests are stated. */
export function sizeOf({ otherUrls = [], otherDigests = [] }: SampleProvenance): number {
  return 2 + otherUrls.length + otherDigests.length
}

/** Metadata larger than this is not provenance. */
export const MAX_METADATA_BYTES = 16 * 2 ** 20

/** Joins what is stated about a sample in two places; both stay where they contradict each other. */
export function joinProvenance(one: SampleProvenance, other: SampleProvenance): readonly SampleProvenance[] {
  const declared = { ...other.declared, ...one.declared }
  const joined = {
    ...other,
    ...one,
    ...compact({
      declared: Object.keys(declared).length === 0 ? undefined : declared,
      otherUrls: joinLists(one.otherUrls, other.otherUrls),
      otherDigests: joinLists(one.otherDigests, other.otherDigests),
    }),
  }
  const contradicts = Object.entries(other.declared ?? {}).some(
    ([type, digest]) => declared[type as keyof typeof declared] !== digest,
  )
  const hasOtherUrl = other.url !== undefined && other.url !== joined.url
  return contradicts || hasOtherUrl ? [one, other] : [joined]
}

function joinLists<T>(one: readonly T[] | undefined, other: readonly T[] | undefined): readonly T[] | undefined {
  return one === undefined || other === undefined ? (one ?? other) : [...one, ...other]
}

/** Every address that is stated. */
export function urlsOf({ url, otherUrls = [] }: SampleProvenance): readonly string[] {
  return url === undefined ? otherUrls : [url, ...otherUrls]
}

/** Every digest that is stated. */
export function digestsOf({ declared, otherDigests = [] }: SampleProvenance): readonly DigestQuery[] {
  return declared === undefined ? otherDigests : [declared, ...otherDigests]
}

/** Reads JSON metadata, one value or one on each line, as far as it is JSON. The result is empty where it states nothing. */
export function parseProvenance(bytes: Uint8Array): SampleProvenance {
  const reader = new OriginReader()
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const verdict = scanJson(text, 1, (found) => reader.add(found))
  if (verdict === "malformed") {
    for (const line of linesAfterFirst(text)) scanJson(line, 1, (found) => reader.add(found))
  }
  const [origin = {}] = reader.result()
  return toProvenance(origin)
}

function* linesAfterFirst(text: Buffer): Generator<Buffer, void> {
  for (let feed = text.indexOf(0x0a); feed !== -1; ) {
    const next = text.indexOf(0x0a, feed + 1)
    yield text.subarray(feed + 1, next === -1 ? text.length : next)
    feed = next
  }
}

const DIGEST_FIELDS = ["hash", "md5", "sha1", "sha256"] as const
const DIGEST_BYTES = { md5: 16, sha1: 20, sha256: 32 } as const

/** The usable part of fields that state an origin. */
export function toProvenance(origin: StatedOrigin): SampleProvenance {
  const { url, license, others = [] } = origin
  const declared: DigestQuery = Object.assign({}, ...DIGEST_FIELDS.map((field) => digestOf(field, origin[field])))
  const otherUrls = others.flatMap(([field, value]) => (field === "url" && value !== "" ? [value] : []))
  // A digest of unknown type may be another one than that of its type.
  const otherDigests = [...others, ["hash", origin.hash] as const]
    .map(([field, value]) => digestOf(field, value) ?? {})
    .filter((digest) => Object.entries(digest).some(([type, hex]) => declared[type as keyof DigestQuery] !== hex))
  return compact({
    url: url === "" ? undefined : url,
    licence: license === "" ? undefined : license,
    declared: Object.keys(declared).length === 0 ? undefined : declared,
    otherUrls: otherUrls.length === 0 ? undefined : otherUrls,
    otherDigests: otherDigests.length === 0 ? undefined : otherDigests,
    isCut: origin.isCut,
  })
}

function digestOf(field: OriginField, text: string | undefined): DigestQuery | undefined {
  if (text === undefined || field === "url" || field === "license") return undefined
  const types = field === "hash" ? (["md5", "sha1", "sha256"] as const) : ([field] as const)
  for (const type of types) {
    const digest = readDigest(text, DIGEST_BYTES[type])
    if (digest !== undefined) return { [type]: digest }
  }
  return undefined
}

/** Whether a member's name is that of JSON metadata, or of a file with JSON alone. */
function isJsonName(place: string): boolean {
  return /\.(?:json|jsonl|ndjson)$/i.test(place)
}

/** Whether an item is JSON in which its sample states its origin: a member, or the text in a compressed file. */
export function isMetadata({ place, depth, refused, sizeBytes }: Item, { items }: Sample): boolean {
  if (refused !== undefined || sizeBytes > MAX_METADATA_BYTES) return false
  if (depth === 0) return isJsonName(place)
  const isOnlyText = depth === 1 && items.length === 2
  return isOnlyText && /\.(?:json|jsonl|ndjson)\.(?:gz|zstd?)$/i.test(items[0]?.place ?? "")
}

/** Names of captions, labels and metadata: they describe a sample, and are not what it describes. */
const WORDS = /\.(?:json|jsonl|ndjson|txt|text|caption|captions|cap|cls|csv|tsv|xml|ya?ml|html|md)$/i

/**
 * Whether an item is what its sample's metadata describes: the picture, not the caption beside it, whose own digest
 * many captions share. The metadata itself where there is nothing else, and every other member where the format states
 * the origin of the whole sample.
 */
export function isDescribed(item: Item, { items, origins }: Sample): boolean {
  if (item.depth > 0) return false
  if (origins !== undefined && !isJsonName(item.place)) return true
  if (!WORDS.test(item.place)) return true
  return isJsonName(item.place) && items.every(({ place, depth }) => depth > 0 || WORDS.test(place))
}
