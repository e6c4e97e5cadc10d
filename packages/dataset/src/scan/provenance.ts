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
import type { Item, Sample } from "../readers/types.ts"

/** The usable part of a sample's metadata. */
export interface SampleProvenance {
  readonly url?: string
  readonly licence?: string
  /** Digests of the raw download. */
  readonly declared?: DigestQuery
}

/** Metadata larger than this is not provenance. */
export const MAX_METADATA_BYTES = 65_536

/** Joins what is stated about a sample in two places; both stay where they contradict each other. */
export function joinProvenance(one: SampleProvenance, other: SampleProvenance): readonly SampleProvenance[] {
  const declared = { ...other.declared, ...one.declared }
  const joined = {
    ...other,
    ...one,
    ...compact({ declared: Object.keys(declared).length === 0 ? undefined : declared }),
  }
  const contradicts = Object.entries(other.declared ?? {}).some(
    ([type, digest]) => declared[type as keyof typeof declared] !== digest,
  )
  const hasOtherUrl = other.url !== undefined && other.url !== joined.url
  return contradicts || hasOtherUrl ? [one, other] : [joined]
}

const URL_KEYS = ["url", "URL", "source_url", "page_url"]
const LICENCE_KEYS = ["license", "licence", "LICENSE"]
const DIGEST_DIGITS = { md5: 32, sha1: 40, sha256: 64 } as const

/** Reads a sample's JSON metadata. The result is empty where it is not a JSON object, or has nothing usable. */
export function parseProvenance(bytes: Uint8Array): SampleProvenance {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
  } catch {
    return {}
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {}
  return toProvenance(value as Readonly<Record<string, unknown>>)
}

/** The usable part of fields that state an origin. */
export function toProvenance(fields: Readonly<Record<string, unknown>>): SampleProvenance {
  const url = firstString(fields, URL_KEYS)
  const licence = firstString(fields, LICENCE_KEYS)
  const declared = declaredDigests(fields)
  return compact({
    url,
    licence,
    declared,
  })
}

/** Names of captions, labels and metadata: they describe a sample, and are not what it describes. */
const WORDS = /\.(?:json|jsonl|txt|text|caption|captions|cap|cls|csv|tsv|xml|ya?ml|html|md)$/i

/**
 * Whether an item is what its sample's metadata describes: the picture, not the caption beside it, whose own digest
 * many captions share. The metadata itself where there is nothing else, and every other member where the format states
 * the origin of the whole sample.
 */
export function isDescribed(item: Item, { items, origins }: Sample): boolean {
  if (item.depth > 0) return false
  if (origins !== undefined && !item.place.endsWith(".json")) return true
  if (!WORDS.test(item.place)) return true
  return item.place.endsWith(".json") && items.every(({ place, depth }) => depth > 0 || WORDS.test(place))
}

function firstString(fields: Readonly<Record<string, unknown>>, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = fields[key]
    if (typeof value === "string" && value !== "") return value
  }
  return undefined
}

function declaredDigests(fields: Readonly<Record<string, unknown>>): DigestQuery | undefined {
  const digests: { md5?: string; sha1?: string; sha256?: string } = {}
  for (const [name, digits] of Object.entries(DIGEST_DIGITS)) {
    const digest = hexOf(fields[name], digits) ?? hexOf(fields["hash"], digits)
    if (digest !== undefined) digests[name as keyof typeof DIGEST_DIGITS] = digest
  }
  return Object.keys(digests).length === 0 ? undefined : digests
}

function hexOf(value: unknown, digits: number): string | undefined {
  if (typeof value !== "string" || value.length !== digits) return undefined
  const lower = value.toLowerCase()
  return /^[0-9a-f]+$/.test(lower) ? lower : undefined
}
