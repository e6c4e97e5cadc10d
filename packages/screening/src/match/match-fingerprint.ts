/**
 * Matches every digest and every view of an item against one index over all lists.
 * @module
 */

import { hash } from "node:crypto"
import type { Fingerprint, Match } from "@nightlight/core"
import { addressHash, compact, urlLookupKeys } from "@nightlight/core"
import { isUndigested } from "../fingerprint/check-fingerprint.ts"
import type { DigestQuery, EntryHit, ListIndex, PdqHit } from "../ports.ts"
import { type FalsePositiveLookup, SUPPRESSIBLE } from "./false-positives.ts"
import { byStrength } from "./order.ts"
import { isWeak, type PdqOrigin, pdqBatch } from "./pdq-batch.ts"

/** Largest number of matches kept for one item; a degenerate list could otherwise give millions. */
export const MAX_MATCHES = 1000

/** Largest numbers of an item's declared digests and addresses; an item that states more was not matched completely. */
const MAX_DECLARED = 65_536

/** Options of {@link matchFingerprint}. */
export interface MatchOptions {
  readonly falsePositives?: FalsePositiveLookup | undefined
  /** Digests that the sample's own metadata states, such as those of a file before it was resized. */
  readonly declaredDigests?: readonly DigestQuery[] | undefined
  /** Addresses that the sample's own metadata states as its origin. Not to be changed: one list is looked up once. */
  readonly urls?: readonly string[] | undefined
}

/** Result of matching one item. */
export interface MatchResult {
  /** Matches that count, strongest first: by hash type, declared last, then trust, distance, list and entry. */
  readonly matches: readonly Match[]
  /** PDQ hits within a list's radius on a view with quality below 50: recorded, without effect. Same order. */
  readonly weakMatches: readonly Match[]
  /** Entries that did not count because they are known false positives for this item. */
  readonly suppressed: number
  /** Matches beyond the first {@link MAX_MATCHES}, not kept. */
  readonly omitted: number
}

/**
 * Matches one item against every list.
 *
 * Each view is looked up in all eight orientations, so a turned or mirrored copy is found whatever its EXIF orientation
 * says; EXIF needs no handling here. There is one match for each list, entry and hash type: the nearest, and among
 * equally near ones that of the first view and orientation. A test card's match is returned beside real ones.
 *
 * @throws {TypeError} if the fingerprint or an answer of the index is malformed; and whatever the index throws.
 */
export function matchFingerprint(fingerprint: Fingerprint, index: ListIndex, options: MatchOptions = {}): MatchResult {
  const found = new Map<string, Found>()
  const weak = new Map<string, Found>()

  if (!isUndigested(fingerprint)) {
    for (const hit of index.matchDigests(digestsOf(fingerprint))) addDigestHit(hit, {})
  }
  for (const digests of distinctDeclared(options.declaredDigests, fingerprint)) {
    for (const hit of index.matchDigests(digests)) addDigestHit(hit, { declared: true })
  }
  for (const hit of addressHits(index, options.urls ?? [])) addDigestHit(hit, { declared: true })
  if (fingerprint.picture !== undefined) {
    const batch = pdqBatch(fingerprint.picture)
    for (const hit of index.matchPdq(batch.hashes)) addPdqHit(hit, batch.origins[hit.query])
  }
  for (const key of found.keys()) weak.delete(key)

  const suppressed = suppress(found) + suppress(weak)
  const matches = sorted(found)
  return {
    matches: matches.slice(0, MAX_MATCHES),
    weakMatches: sorted(weak).slice(0, MAX_MATCHES),
    suppressed,
    omitted: Math.max(0, matches.length - MAX_MATCHES),
  }

  function addDigestHit(hit: EntryHit, mark: { readonly declared?: boolean }): void {
    if (hit.hashType === "pdq" || hit.distanceBits !== 0) throw new TypeError("expected a digest hit at distance 0")
    const key = keyOf(hit)
    if (!found.has(key)) found.set(key, { match: { ...describe(hit, 0), ...mark }, hit, query: 0 })
  }

  function addPdqHit(hit: PdqHit, origin: PdqOrigin | undefined): void {
    if (hit.hashType !== "pdq" || origin === undefined) throw new TypeError("expected a PDQ hit for a given hash")
    const { distanceBits, query, list } = hit
    if (!(distanceBits >= 0)) throw new TypeError("expected a distance")
    if (distanceBits > list.radiusBits) return
    const key = keyOf(hit)
    const kept = isWeak(origin) ? weak : found
    const known = kept.get(key)
    if (known !== undefined && (known.match.distanceBits - distanceBits || known.query - query) <= 0) return
    kept.set(key, { match: { ...describe(hit, list.radiusBits), ...origin }, hit, query })
  }

  function suppress(kept: Map<string, Found>): number {
    const { falsePositives } = options
    const { sha256 } = fingerprint
    if (kept.size === 0 || falsePositives?.hasItem(sha256) !== true) return 0
    const size = kept.size
    for (const [key, { hit }] of kept) {
      if (!SUPPRESSIBLE.has(hit.hashType)) continue
      if (falsePositives.has({ list: hit.list.name, entryHash: index.entryHash(hit), sha256 })) kept.delete(key)
    }
    return size - kept.size
  }
}

/** A match with its origin. */
interface Found {
  readonly match: Match
  readonly hit: EntryHit
  /** Position in the batch of hashes: among equally near hits the first counts, whatever the index's order. */
  readonly query: number
}

function sorted(found: ReadonlyMap<string, Found>): readonly Match[] {
  return [...found.values()].map(({ match }) => match).sort(byStrength)
}

function describe(hit: EntryHit, radiusBits: number): Match {
  const { list, entry, entryId, category, hashType, distanceBits } = hit
  return compact({
    list: list.name,
    trust: list.trust,
    entry,
    entryId,
    category,
    snapshot: list.snapshot,
    hashType,
    distanceBits,
    radiusBits,
  })
}

function keyOf({ hashType, entry, list }: EntryHit): string {
  return `${hashType} ${entry} ${list.name}`
}

function digestsOf({ md5, sha1, sha256 }: Fingerprint): DigestQuery {
  return { md5, sha1, sha256 }
}

/** Well-formed declared digests other than the item's own. Metadata is untrusted and may state anything. */
function distinctDeclared(declared: readonly DigestQuery[] | undefined, own: DigestQuery): readonly DigestQuery[] {
  if (declared === undefined) return []
  if (declared.length > MAX_DECLARED) throw new TypeError("expected fewer declared digests")
  return declared.flatMap((digests) => {
    const md5 = normalised(digests.md5, 32)
    const sha1 = normalised(digests.sha1, 40)
    const sha256 = normalised(digests.sha256, 64)
    const query: DigestQuery = compact({
      md5: md5 !== undefined && md5 !== own.md5 ? md5 : undefined,
      sha1: sha1 !== undefined && sha1 !== own.sha1 ? sha1 : undefined,
      sha256: sha256 !== undefined && sha256 !== own.sha256 ? sha256 : undefined,
    })
    return Object.keys(query).length === 0 ? [] : [query]
  })
}

/** Of lists of addresses that were looked up: the items of a sample have the same one. */
const lookedUp = new WeakMap<readonly string[], { readonly index: ListIndex; readonly hits: readonly EntryHit[] }>()

function addressHits(index: ListIndex, urls: readonly string[]): readonly EntryHit[] {
  if (urls.length === 0) return []
  const known = lookedUp.get(urls)
  if (known?.index === index) return known.hits
  const hits = [...urlDigests(urls)].flatMap((url) => index.matchDigests({ url }))
  lookedUp.set(urls, { index, hits })
  return hits
}

/** Digests of the keys of addresses. */
function urlDigests(urls: readonly string[]): ReadonlySet<string> {
  if (urls.length > MAX_DECLARED) throw new TypeError("expected fewer addresses")
  const keys = urls.flatMap((url) => (typeof url === "string" ? urlLookupKeys(url) : []))
  return new Set(keys.map((key) => addressHash(key, hash("sha256", key))))
}

function normalised(digest: unknown, digits: number): string | undefined {
  if (typeof digest !== "string" || digest.length !== digits) return undefined
  const lower = digest.toLowerCase()
  return /^[0-9a-f]+$/.test(lower) ? lower : undefined
}
