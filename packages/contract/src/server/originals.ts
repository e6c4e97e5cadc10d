/**
 * Requests for an original over HTTP: a person who wants to view a whole file proves a grant, a second person proves
 * the same one, then the first views the file, once.
 * @module
 */
import { z } from "zod"
import { GrantProof, OriginalGrant, ProvenGrant, VIEWING_REASONS } from "../custodian/grant.ts"
import { Timestamp } from "../screening.ts"
import { CaseIdText, ItemIdText } from "./cases.ts"

/** Maximum time that a request waits, minutes: the longest validity of its grant. */
export const ORIGINAL_MINUTES = 10

/** `orequest-<uuid>`. */
export const OriginalRequestIdText = z.string().regex(/^orequest-[0-9a-f-]{36}$/)

/** States of a request; an expired one is not shown any more. */
export const ORIGINAL_STATES = ["waiting", "proven", "declined", "withdrawn"] as const

/** `POST /v1/cases/:caseId/items/:itemId/original-requests` body: the grant, proven by the viewer. */
export const OriginalRequestBody = z.strictObject({ grant: OriginalGrant, proof: GrantProof })

/** One request, described by codes and counts. */
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
  /** Lists that the item matched. */
  lists: z.array(z.string()),
  categories: z.array(z.string()),
  /** Grant that the second person proves too. */
  grant: OriginalGrant,
  /** Whether the caller may approve it. */
  mayApprove: z.boolean(),
  decidedBy: z.string().exactOptional(),
  /** For the requester, once it is proven: the body of `POST …/viewings`. */
  proven: ProvenGrant.exactOptional(),
})

/**
 * `GET /v1/original-requests` answer: the caller's own, and those that wait for a second person; no expired ones.
 * Oldest first.
 */
export const OriginalRequestList = z.strictObject({ requests: z.array(OriginalRequestView) })

/** `POST /v1/original-requests/:requestId/prove` body: the second person's proof of the same grant. */
export const OriginalProofBody = z.strictObject({ proof: GrantProof })
