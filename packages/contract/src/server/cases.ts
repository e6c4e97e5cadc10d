/**
 * Cases over HTTP: lists, claims, items, context.
 * @module
 */
import { z } from "zod"
import { MatchDocument, Sha256Hex, Timestamp } from "../screening.ts"

/** `case-<uuid>`. */
export const CaseIdText = z.string().regex(/^case-[0-9a-f-]{36}$/)
/** `item-<uuid>`. */
export const ItemIdText = z.string().regex(/^item-[0-9a-f-]{36}$/)

/** Kind of a case, by its subject; `test`: only test cards, never reported. */
export const CaseKindName = z.enum(["dataset", "account", "direct", "test"])
/** State of a case; `settling`: a decision was made and can still be undone. */
export const CaseStateName = z.enum(["open", "settling", "second-review", "resolution", "decided"])
/** How grave a case is, gravest first: the order of the queue. */
export const BandName = z.enum(["danger", "exact", "near", "unverified", "other", "test"])
/** Reasons for a case's position. */
export const PriorityReasonName = z.enum([
  "imminent-danger",
  "trusted-exact",
  "trusted-near",
  "unverified",
  "no-list",
  "test-card",
  "overdue",
  "due-soon",
  "waiting-long",
  "many-locations",
])

/** A case in a list: ids, codes, counts and times. */
export const CaseSummary = z.strictObject({
  caseId: CaseIdText,
  kind: CaseKindName,
  state: CaseStateName,
  /** Must be sent with a claim or a decision. */
  version: z.int().positive(),
  band: BandName,
  /** Gravest first. */
  reasons: z.array(PriorityReasonName),
  source: z.string(),
  openedAt: Timestamp,
  items: z.int().positive(),
  /**
   * Number of items of each strength: `exact` is the bytes of a file on a trusted list; a person must check all others.
   */
  strengths: z.strictObject({
    exact: z.int().nonnegative(),
    near: z.int().nonnegative(),
    unverified: z.int().nonnegative(),
    other: z.int().nonnegative(),
    test: z.int().nonnegative(),
  }),
  /** Places of all items together. */
  locations: z.int().positive(),
  /** Items that were decided before, in another case. */
  knownItems: z.int().nonnegative(),
  lists: z.array(z.string()),
  categories: z.array(z.string()),
  danger: z.boolean(),
  /** When an exact match of a trusted list was verified first. */
  matchedAt: Timestamp.exactOptional(),
  dueAt: Timestamp.exactOptional(),
  /** Whether the deadline still counts. */
  clockRunning: z.boolean(),
  /** Who works on it now, and until when. */
  claim: z.strictObject({ by: z.string(), until: Timestamp }).exactOptional(),
  /** Its decision. */
  decided: z
    .strictObject({
      basis: z.string(),
      outcome: z.enum(["reportable", "policy-violation", "not-violation"]),
      at: Timestamp,
      secondReview: z.enum(["none", "agreed", "resolved", "waived"]),
    })
    .exactOptional(),
  filedAt: Timestamp.exactOptional(),
})
export type CaseSummary = z.infer<typeof CaseSummary>

/** `GET /v1/cases` query. Undecided cases unless a state is named. */
export const CaseListQuery = z.strictObject({
  state: CaseStateName.exactOptional(),
  kind: CaseKindName.exactOptional(),
  band: BandName.exactOptional(),
  /** `me`, `none`, or a person's id. */
  assignee: z
    .string()
    .regex(/^(me|none|person-[0-9a-f-]{36})$/)
    .exactOptional(),
  list: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
    .exactOptional(),
  /** `overdue`, or `today`: due within 24 hours, including overdue ones. */
  due: z.enum(["overdue", "today"]).exactOptional(),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,300}$/)
    .exactOptional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** `GET /v1/cases` answer, the first to work on first; or decided cases, last decided first. */
export const CaseList = z.strictObject({
  cases: z.array(CaseSummary),
  /** For the next page; absent at the end. */
  cursor: z.string().exactOptional(),
})

/** `GET /v1/cases/:caseId/siblings` answer: other cases of the same account, or of the same dataset and host, newest first. */
export const SiblingCases = z.strictObject({ cases: z.array(CaseSummary).max(50) })

/** `GET /v1/cases/counts` answer, for the home screen. */
export const CaseCounts = z.strictObject({
  byState: z.strictObject({
    open: z.int().nonnegative(),
    settling: z.int().nonnegative(),
    "second-review": z.int().nonnegative(),
    resolution: z.int().nonnegative(),
    decided: z.int().nonnegative(),
  }),
  overdue: z.int().nonnegative(),
  nextDueAt: Timestamp.exactOptional(),
  claimedByMe: z.int().nonnegative(),
})

/** A match without its list's entry. */
export const KnownMatchView = MatchDocument.omit({ entry: true, entryId: true, transformation: true })

/** One distinct item of a case. */
export const CaseItemView = z.strictObject({
  itemId: ItemIdText,
  position: z.int().nonnegative(),
  strength: z.enum(["exact", "near", "unverified", "other", "test"]),
  mediaType: z.string(),
  sizeBytes: z.int().nonnegative(),
  /** Whether the custodian recomputed the digests from the content. */
  digests: z.enum(["verified", "claimed"]),
  /** The policy's decision, and the rule that made it. */
  verdict: z.string(),
  rule: z.string(),
  matches: z.array(KnownMatchView),
  evidence: z
    .strictObject({
      evidenceId: z.string(),
      ciphertextSha256: Sha256Hex,
      content: z.enum(["verified", "absent"]),
      contentBytes: z.int().nonnegative(),
    })
    .exactOptional(),
  /** The case in which the same item was decided before; its decision is not copied. */
  knownCase: CaseIdText.exactOptional(),
  locations: z.int().positive(),
  attachedAt: Timestamp,
})
export type CaseItemView = z.infer<typeof CaseItemView>

/** `GET /v1/cases/:caseId` answer: metadata first, no media, no context. */
export const CaseDetail = z.strictObject({
  ...CaseSummary.shape,
  /** When the provider came to know; hidden from people who must judge without knowing the first decision. */
  knowledge: z.strictObject({ at: Timestamp, by: z.enum(["trusted-match", "person"]) }).exactOptional(),
  /** When a source found the first item of it, by the source's own clock; the case's clock may have started later. */
  foundAt: Timestamp.exactOptional(),
  /** Until when the caller can undo their decision. */
  undoUntil: Timestamp.exactOptional(),
  /** Whether the caller holds the case now. */
  mine: z.boolean(),
})

/** `GET /v1/cases/:caseId/items` query and answer. */
export const ItemListQuery = z.strictObject({
  /** Position of the last item of the page before. */
  after: z.coerce.number().int().nonnegative().exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})
/** Items of a case, in order of attachment. */
export const ItemList = z.strictObject({ items: z.array(CaseItemView) })

/** `GET /v1/cases/:caseId/near` answer: which items look alike. Only the order is shared, never a decision. */
export const NearItemsView = z.strictObject({
  /** Items of the case, those that look alike next to each other. */
  order: z.array(ItemIdText),
  near: z.array(
    z.strictObject({
      itemId: ItemIdText,
      alike: z.array(z.strictObject({ caseId: CaseIdText, itemId: ItemIdText })),
    }),
  ),
})

/** `POST /v1/cases/:caseId/claim` body. */
export const ClaimBody = z.strictObject({ version: z.int().positive() })

/** `POST /v1/cases/next` answer: the case that the caller now holds, absent if none waits. */
export const NextCase = z.strictObject({ case: CaseDetail.exactOptional() })

/** `GET /v1/cases/:caseId/items/:itemId/context` query. */
export const ContextQuery = z.strictObject({
  /** Number of places that were read before. */
  after: z.coerce.number().int().nonnegative().exactOptional(),
})

/**
 * `GET /v1/cases/:caseId/items/:itemId/context` answer. Its strings are hostile: show them as text, never follow them.
 */
export const ItemContext = z.strictObject({
  locations: z.array(
    z.strictObject({
      findingId: z.string(),
      source: z.string(),
      scan: z.string().exactOptional(),
      foundAt: Timestamp,
      shard: z.string().exactOptional(),
      ordinal: z.int().nonnegative().exactOptional(),
      matches: z.array(MatchDocument),
      /** Provenance as it was sealed: URLs, account, prompt with spans, digests, fingerprint. */
      found: z.unknown(),
    }),
  ),
})

/**
 * `GET /v1/cases/:caseId/history` answer: what was done, by whom and when; before the case is decided, without what
 * another person decided. Events have no numbers here, since a gap would reveal that something was left out.
 */
export const CaseHistory = z.strictObject({
  events: z.array(
    z.strictObject({
      at: Timestamp,
      type: z.string(),
      actor: z.string(),
      data: z.record(z.string(), z.unknown()),
    }),
  ),
})
