/**
 * False positives over HTTP: a reviewer found that what a list matched is harmless. Ids and codes alone; which entry it was is
 * known here by keyed digests and told to nobody.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"
import { CaseIdText, ItemIdText } from "./cases.ts"
import { ListNameText } from "./lists.ts"

/** Why a match is disputed. */
export const FALSE_POSITIVE_REASONS = [
  /** The item is not the listed picture: it only looks alike to the hash. */
  "different-picture",
  /** It is the listed picture, and nothing unlawful is in it. */
  "lawful-content",
  /** It is of another category than the list says. */
  "wrong-category",
  /** The entry matches many things that have nothing to do with each other. */
  "matches-many",
] as const

/**
 * Where a false positive stands. `open`: recorded, and changes nothing. `accepted`: two people made its matches known false
 * positives. `withdrawn`: before that. `ended`: the false positives hold no more.
 */
export const FALSE_POSITIVE_STATES = ["open", "accepted", "withdrawn", "ended"] as const

/** `dispute-<uuid>`. */
export const FalsePositiveIdText = z.string().regex(/^false-positive-[0-9a-f-]{36}$/)

/** `POST /v1/lists/:list/false-positives` body: an item of a case that the caller judged to be no violation, and that is decided so. */
export const FalsePositiveBody = z.strictObject({
  caseId: CaseIdText,
  itemId: ItemIdText,
  reason: z.enum(FALSE_POSITIVE_REASONS),
})
export type FalsePositiveBody = z.infer<typeof FalsePositiveBody>

/** Why a false positive can never become a false positive of our own screening. */
export const NOT_SUPPRESSIBLE = [
  /** The item is the listed file itself, by its SHA-1 or SHA-256: an exact match stands. Only the list's source can mend it. */
  "exact-match",
  /** Nobody here made the item's digests from its content: a sender's word must not blind us for another item. */
  "claimed-digests",
  /** The list that is live now does not match the item any more. */
  "no-longer-listed",
] as const

/** A false positive. */
export const FalsePositiveView = z.strictObject({
  falsePositiveId: FalsePositiveIdText,
  list: ListNameText,
  caseId: CaseIdText,
  itemId: ItemIdText,
  reason: z.enum(FALSE_POSITIVE_REASONS),
  state: z.enum(FALSE_POSITIVE_STATES),
  /** How many entries of the list the item matched, as it was when the false positive was opened. */
  entries: z.int().nonnegative(),
  /** Whether two people can make it a false positive, and why not. */
  suppression: z.strictObject({ possible: z.boolean(), because: z.enum(NOT_SUPPRESSIBLE).exactOptional() }),
  openedBy: z.string(),
  openedAt: Timestamp,
  /** Who last changed where it stands: withdrew it, approved the false positive, or ended it. */
  changedBy: z.string().exactOptional(),
  changedAt: Timestamp.exactOptional(),
})
export type FalsePositiveView = z.infer<typeof FalsePositiveView>

/** `GET /v1/false-positives` query. */
export const FalsePositiveQuery = z.strictObject({
  list: ListNameText.exactOptional(),
  state: z.enum(FALSE_POSITIVE_STATES).exactOptional(),
  caseId: CaseIdText.exactOptional(),
})

/** `GET /v1/false-positives` answer: newest first, at most 200. */
export const FalsePositiveList = z.strictObject({ falsePositives: z.array(FalsePositiveView) })

/**
 * `POST /v1/false-positives/:falsePositiveId/false-positive` answer. `act` is the approval `list.false-positive`, for another person to
 * second under `POST /v1/approvals/:approvalId/approve`. Done, it suppresses the MD5 and PDQ matches of exactly these entries of
 * exactly this list on exactly this item (the content with its SHA-256) in this server's intake and its `/v1/screen`.
 * Other items, other lists, SHA matches, and what workspaces and guards match by themselves stay as they are; a workspace
 * has `nightlight lists false-positive`.
 */
export const SuppressionRequested = z.strictObject({
  falsePositive: FalsePositiveView,
  approval: z.strictObject({ id: z.string() }),
})
