/**
 * Digests of the parts of a case's rows that its events do not state. An event carries the digest, so that a changed
 * row is detected. Each digest covers something sealed as well, so that nobody can guess its input.
 * @module
 */
import { createHash } from "node:crypto"
import { canonicalJson } from "@nightlight/core"
import type { KnownMatch } from "../../../platform/db/tables/casework.ts"

/** The parts of a row of `item_locations` besides ids. */
export interface PlaceFacts {
  readonly scan: string | undefined
  readonly foundAt: Date
  /** SHA-256 of the sealed context, hexadecimal. */
  readonly sealedSha256: string
}

/** The parts of a row of `items` that never change. */
export interface ItemFacts {
  readonly mediaType: string
  readonly sizeBytes: number
  readonly digests: string
  readonly verdict: string
  readonly rule: string
  readonly matches: readonly KnownMatch[]
  /** {@link placeDigest} of its first place. */
  readonly place: string
}

/** The sealed file that is shown and reported for an item. */
export interface FileFacts {
  readonly ciphertextSha256: string
  readonly contentBytes: number
}

/** SHA-256, hexadecimal. */
export function placeDigest({ scan, foundAt, sealedSha256 }: PlaceFacts): string {
  return sha256(canonicalJson({ scan: scan ?? null, foundAt: foundAt.toISOString(), sealedSha256 }))
}

/** SHA-256, hexadecimal. */
export function itemDigest({ mediaType, sizeBytes, digests, verdict, rule, matches, place }: ItemFacts): string {
  const said = matches.map((match) => JSON.parse(JSON.stringify(match)) as Record<string, string | number | boolean>)
  return sha256(canonicalJson({ mediaType, sizeBytes, digests, verdict, rule, matches: said, place }))
}

/** SHA-256, hexadecimal. */
export function fileDigest({ ciphertextSha256, contentBytes }: FileFacts): string {
  return sha256(canonicalJson({ ciphertextSha256, contentBytes }))
}

/** SHA-256, hexadecimal. */
export function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex")
}
