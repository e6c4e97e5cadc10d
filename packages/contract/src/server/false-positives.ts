/**
 * False positives over HTTP: a reviewer found that an item that a list matched is harmless. Only ids and codes; the
 * entry is known here by keyed digests and never shown.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"
import { CaseIdText, ItemIdText } from "./cases.ts"
import { ListNameText } from "./lists.ts"

/** Why a match is reported as a false positive. */
export const FALSE_POSITIVE_REASONS = [
  /** The item is not the listed picture: it only looks alike to the hash. */
  "different-picture",
  /** It is the listed picture, but contains nothing unlawful. */
  "lawful-content",
  /** It is of another category than the list says. */
  "wrong-category",
  /** The entry matches many unrelated things. */
  "matches-many",
] as const

/**
 * State of a false positive. `open`: recorded, without effect. `accepted`: two people made its match a known false
 * positive. `withdrawn`: before that. `ended`: the match counts again.
 */
export const FALSE_POSITIVE_STATES = ["open", "accepted", "withdrawn", "ended"] as const

/** `false-positive-<uuid>`. */
export const FalsePositiveIdText = z.string().regex(/^false-positive-[0-9a-f-]{36}$/)

/**
 * `POST /v1/lists/:list/false-positives` body: an item of a case that the caller judged to be no violation, and that is
 * decided so.
 */
export const FalsePositiveBody = z.strictObject({
  caseId: CaseIdText,
  itemId: ItemIdText,
  reason: z.enum(FALSE_POSITIVE_REASONS),
})
export type FalsePositiveBody = z.infer<typeof FalsePositiveBody>

/** Why a match can never become a known false positive of our own screening. */
export const NOT_SUPPRESSIBLE = [
  /**
   * The item is the listed file itself, by its SHA-1 or SHA-256: an exact match always counts. Only the list's source
   * can correct it.
   */
  "exact-match",
  /**
   * Nobody here computed the item's digests from its content: a sender's claim must not suppress a match of another
   * item.
   */
  "claimed-digests",
  /** The live list no longer matches the item. */
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
  /** Number of the list's entries that the item matched when the false positive was opened. */
  entries: z.int().nonnegative(),
  /** Whether two people can make it a known false positive, and why not. */
  suppression: z.strictObject({ possible: z.boolean(), because: z.enum(NOT_SUPPRESSIBLE).exactOptional() }),
  openedBy: z.string(),
  openedAt: Timestamp,
  /** Who last changed its state: withdrew it, approved it, or ended it. */
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
 * `POST /v1/false-positives/:falsePositiveId/suppression` answer. `approval` is the approval `list.false-positive`,
 * which another person approves by `POST /v1/approvals/:approvalId/approve`. It then suppresses the MD5 and PDQ matches
 * of exactly these entries of exactly this list on exactly this item (the content with its SHA-256) in this server's
 * intake and its `/v1/screen`. Other items, other lists, SHA matches, and the matches of workspaces and guards are not
 * affected; a workspace has `nightlight lists false-positive`.
 */
export const SuppressionRequested = z.strictObject({
  falsePositive: FalsePositiveView,
  approval: z.strictObject({ id: z.string() }),
})
