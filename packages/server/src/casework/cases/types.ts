/**
 * Cases: what people work on.
 * @module
 */

import type { JsonValue, Match, Verdict } from "@nightlight/core"
import type { KnownMatch, Strength } from "../../platform/db/tables/casework.ts"

/** Id of a case: `case-<uuid>`. */
export type CaseId = string & { readonly brand: "CaseId" }
/** `item-<uuid>`: one distinct item of a case, with all its locations. */
export type ItemId = string & { readonly brand: "ItemId" }

/** Where an item was found. Keyed digests group items; the values behind them are in the sealed context. */
export type ItemOrigin =
  | {
      readonly kind: "dataset"
      /** Keyed digest of source and dataset. */
      readonly datasetKey: string
      /** Keyed digest of the host of the item's source URL, if it has one. */
      readonly hostKey: string | undefined
      readonly scan: string
      readonly shard: string
      readonly ordinal: number
    }
  | { readonly kind: "account" /** Keyed digest of source and account id. */; readonly accountKey: string }
  | { readonly kind: "direct" }

/** Evidence as intake stored it. */
export interface ItemEvidence {
  readonly evidenceId: string
  readonly ciphertextSha256: string
  /** `verified`: the custodian opened it and recomputed its digests; `absent`: there is only sealed context. */
  readonly content: "verified" | "absent"
  readonly contentBytes: number
}

/** A finding after intake: checked, matched again on our own snapshot, and ready to be attached to a case. */
export interface IncomingItem {
  readonly findingId: string
  /** Enrolled source that pushed it. */
  readonly source: string
  readonly origin: ItemOrigin
  /** Keyed digest, by this installation's key, of the item's true SHA-256. */
  readonly itemKey: string
  readonly digests: "verified" | "claimed"
  readonly mediaType: string
  readonly sizeBytes: number
  readonly evidence: ItemEvidence | undefined
  /** Matches of our own snapshot; the source's claims are not repeated here. */
  readonly matches: readonly Match[]
  readonly verdict: Verdict
  /**
   * Whether every match is of a test list: such an item is marked, and is never reported nor counted against anybody.
   */
  readonly testOnly: boolean
  /** Provenance, true digests, hashes, URLs: sealed under the case's key. */
  readonly context: JsonValue
  /** ISO 8601, UTC, as the source said. */
  readonly foundAt: string
}

/** The case and item that an incoming item was attached to. */
export interface AttachedItem {
  readonly caseId: CaseId
  readonly itemId: ItemId
  readonly newCase: boolean
  /** Whether the item was there already, so that this is one more location of it. */
  readonly knownItem: boolean
}

/** An item as the index compartment holds it. */
export interface CaseItem {
  readonly itemId: ItemId
  readonly caseId: CaseId
  /** Order of attachment, from 0. */
  readonly position: number
  readonly itemKey: string
  readonly strength: Strength
  readonly mediaType: string
  readonly sizeBytes: number
  readonly digests: "verified" | "claimed"
  readonly verdict: string
  readonly rule: string
  readonly matches: readonly KnownMatch[]
  readonly evidence: ItemEvidence | undefined
  /** The case in which the same item was decided before; its decision is never copied. */
  readonly knownCase: CaseId | undefined
  readonly locations: number
  readonly attachedAt: Date
}

/** An item's id and strength. */
export type ItemStrength = Pick<CaseItem, "itemId" | "strength">

/** A case that was decided as reportable and has no finished production report. */
export interface UnfiledCase {
  readonly caseId: string
  readonly decidedAt: Date
  readonly dueAt: Date | undefined
}

/** One place of an item, with its sealed context opened. */
export interface OpenedLocation {
  readonly itemId: ItemId
  readonly findingId: string
  readonly source: string
  readonly scan: string | undefined
  readonly foundAt: Date
  readonly context: LocationContext
}

/**
 * Sealed context of one place: provenance, true digests, hashes, URLs, account and prompt, and which list entry
 * matched.
 */
export interface LocationContext {
  /** As intake passed it on. */
  readonly found: JsonValue
  readonly matches: readonly Match[]
  readonly shard?: string
  readonly ordinal?: number
}
