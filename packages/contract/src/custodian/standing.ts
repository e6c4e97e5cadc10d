/**
 * Standing authorisations: what lets reports be filed by policy, proven once by two people and kept by the custodian.
 * @module
 */
import { z } from "zod"
import { Sha256Hex, Timestamp } from "../screening.ts"
import { GrantProof, OpaqueId } from "./grant.ts"
import { StandingTemplate } from "./standing-template.ts"

/** Name and version of a standing authorisation's form. */
export const STANDING_FORMAT = "nightlight-standing/1"

/** Longest validity of a standing authorisation, days. */
export const MAX_STANDING_DAYS = 90

/** One snapshot of a hash list, by the SHA-256 of its file of hashes: lists change, what two people authorised does not. */
export const ListSnapshot = z.strictObject({ list: OpaqueId, sha256: Sha256Hex })
export type ListSnapshot = z.infer<typeof ListSnapshot>

/** `GET /v1/lists` answer: the snapshots that the custodian's operator gave it. */
export const ListSnapshots = z.strictObject({ snapshots: z.array(ListSnapshot) })

/** Allows reports on exact matches of these lists to be filed without a person, so many in a day, until a date. */
export const Standing = z.strictObject({
  format: z.literal(STANDING_FORMAT),
  standingId: OpaqueId,
  environment: z.enum(["test", "production"]),
  /** Names of hash lists, each at most 80 characters. */
  lists: z.array(OpaqueId).min(1).max(32),
  /** One of each list: the custodian matches files against these itself. */
  snapshots: z.array(ListSnapshot).min(1).max(32),
  /** All that a report may say. The custodian's journal keeps its digest. */
  template: StandingTemplate,
  /** Reports within any 24 hours. */
  dailyCap: z.int().min(1).max(10_000),
  issuedAt: Timestamp,
  /** At most {@link MAX_STANDING_DAYS} after `issuedAt`. */
  expiresAt: Timestamp,
  /** The two who prove it, and who may each revoke it. */
  counsel: OpaqueId,
  reporter: OpaqueId,
})
export type Standing = z.infer<typeof Standing>

/** `POST /v1/standings` body: ECDSA P-256 with SHA-256 over the standing's canonical JSON, by counsel and by reporter. */
export const ProvenStanding = z.strictObject({ standing: Standing, proofs: z.array(GrantProof).length(2) })
export type ProvenStanding = z.infer<typeof ProvenStanding>

/** Ends a standing authorisation for good. */
export const StandingRevocation = z.strictObject({
  format: z.literal("nightlight-standing-revocation/1"),
  standingId: OpaqueId,
  /** One of the two who proved it. */
  person: OpaqueId,
  at: Timestamp,
})
export type StandingRevocation = z.infer<typeof StandingRevocation>

/** `POST /v1/standings/revoke` body: the revocation, signed as a grant is. */
export const StandingRevocationBody = z.strictObject({ revocation: StandingRevocation, proof: GrantProof })
export type StandingRevocationBody = z.infer<typeof StandingRevocationBody>

/** A standing authorisation as the custodian's journal knows it. */
export const StandingEntry = z.strictObject({
  standingId: OpaqueId,
  environment: z.enum(["test", "production"]),
  lists: z.array(OpaqueId),
  dailyCap: z.int().positive(),
  expiresAt: Timestamp,
  counsel: OpaqueId,
  reporter: OpaqueId,
  revokedAt: Timestamp.exactOptional(),
  /** Whether a report would be filed on it now: not revoked, not expired, its people still enrolled in their roles. */
  live: z.boolean(),
  /** Grants used on it within the last 24 hours. */
  usedInDay: z.int().nonnegative(),
})
export type StandingEntry = z.infer<typeof StandingEntry>

/** `GET /v1/standings` answer; every one there ever was. */
export const StandingEntries = z.strictObject({ standings: z.array(StandingEntry) })
