/**
 * Requests for an original over HTTP: who wants to see a whole file proves a grant, a second person proves the same one,
 * then the first looks, once.
 * @module
 */
import { z } from "zod"
import { GrantProof, OriginalGrant, ProvenGrant, VIEWING_REASONS } from "../custodian/grant.ts"
import { Timestamp } from "../screening.ts"
import { CaseIdText, ItemIdText } from "./cases.ts"

/** Longest time that a request waits, minutes: as long as its grant can be good. */
export const ORIGINAL_MINUTES = 10

/** `orequest-<uuid>`. */
export const OriginalRequestIdText = z.string().regex(/^orequest-[0-9a-f-]{36}$/)

/** How far a request has come; one that expired is not answered any more. */
export const ORIGINAL_STATES = ["waiting", "proven", "declined", "withdrawn"] as const

/** `POST /v1/cases/:caseId/items/:itemId/original-requests` body: the grant, proven by who will look. */
export const OriginalRequestBody = z.strictObject({ grant: OriginalGrant, proof: GrantProof })

/** One request; what it is about in codes and counts. */
export const OriginalRequestView = z.strictObject({
  id: OriginalRequestIdText,
  caseId: CaseIdText,
  itemId: ItemIdText,
  state: z.enum(ORIGINAL_STATES),
  requestedBy: z.string(),
  requestedAt: Timestamp,
  expiresAt: Timestamp,
  reason: z.enum(VIEWING_REASONS),
  mediaType: z.string(),
  sizeBytes: z.int().nonnegative(),
  /** What the item matched. */
  lists: z.array(z.string()),
  categories: z.array(z.string()),
  /** What the second proves too. */
  grant: OriginalGrant,
  /** Whether the caller may be the second. */
  mayApprove: z.boolean(),
  decidedBy: z.string().exactOptional(),
  /** For whoever asked, once it is proven: what `POST …/viewings` takes. */
  proven: ProvenGrant.exactOptional(),
})

/** `GET /v1/original-requests` answer: the caller's own, and what waits for a second; none that expired. Oldest first. */
export const OriginalRequestList = z.strictObject({ requests: z.array(OriginalRequestView) })

/** `POST /v1/original-requests/:requestId/prove` body: the second person's proof of the same grant. */
export const OriginalProofBody = z.strictObject({ proof: GrantProof })
