/**
 * Decisions over HTTP.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"
import { ItemIdText } from "./cases.ts"

/** Legal bases of a decision, and reasons why there is none. */
export const BASES = [
  "18-usc-2252a",
  "18-usc-2251",
  "18-usc-1591",
  "18-usc-2422b",
  "18-usc-1466a-voluntary",
  "policy-violation",
  "not-violation",
] as const

/**
 * NCMEC's annotations of a file. `generativeAi`: the file is believed to be made by AI, whoever found it. The same as in
 * `cybertipline`, on purpose: neither package may import the other, and a test of the server compares them.
 */
export const DECISION_FILE_ANNOTATIONS = [
  "animeDrawingVirtualHentai",
  "potentialMeme",
  "viral",
  "possibleSelfProduction",
  "physicalHarm",
  "violenceGore",
  "bestiality",
  "liveStreaming",
  "infant",
  "generativeAi",
] as const

/** NCMEC's annotations of a report. */
export const DECISION_REPORT_ANNOTATIONS = [
  "sextortion",
  "csamSolicitation",
  "minorToMinorInteraction",
  "spam",
  "sadisticOnlineExploitation",
] as const

/** The industry's classification of a file. */
export const CLASSIFICATIONS = ["A1", "A2", "B1", "B2"] as const

/** One annotation of a file. */
export type FileAnnotation = (typeof DECISION_FILE_ANNOTATIONS)[number]
/** One annotation of a report. */
export type ReportAnnotation = (typeof DECISION_REPORT_ANNOTATIONS)[number]
/** One classification. */
export type Classification = (typeof CLASSIFICATIONS)[number]

/** Rationale templates that a reviewer may choose, each a sentence that the console has in every locale. */
export const REVIEWER_TEMPLATES = ["exact-not-viewed", "test-not-viewed"] as const
/** All rationale templates; `automatic-exact` is for decisions under a filing authorisation. */
export const RATIONALE_TEMPLATES = [...REVIEWER_TEMPLATES, "automatic-exact"] as const
/** One rationale template. */
export type RationaleTemplateId = (typeof RATIONALE_TEMPLATES)[number]

const Locale = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/)

const Category = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/)

/** A decision's judgement of one item. */
export const JudgedItemView = z.strictObject({
  itemId: ItemIdText,
  /** Whether the report includes it. */
  included: z.boolean(),
  classification: z.enum(CLASSIFICATIONS).exactOptional(),
  category: Category.exactOptional(),
  annotations: z.array(z.enum(DECISION_FILE_ANNOTATIONS)).max(10).default([]),
})

/**
 * `POST /v1/cases/:caseId/decisions` body. Items that are not named: exact matches of trusted lists are included in a
 * report, without further statements; near matches, matches of unverified lists and items held back by a rule are not.
 */
export const DecisionBody = z.strictObject({
  version: z.int().positive(),
  basis: z.enum(BASES),
  category: Category.exactOptional(),
  annotations: z.array(z.enum(DECISION_REPORT_ANNOTATIONS)).max(5).default([]),
  imminentDanger: z.boolean().default(false),
  /** Whether to request a second opinion; only for a first decision. */
  requestsSecondReview: z.boolean().default(false),
  /** Rationale by template: stored as such, apart from free text, with the locale in which the reviewer read it. */
  template: z.strictObject({ id: z.enum(REVIEWER_TEMPLATES), locale: Locale }).exactOptional(),
  /** Rationale in the reviewer's own words. Sealed. Optional with a template. */
  rationale: z.string().min(1).max(10_000).exactOptional(),
  items: z.array(JudgedItemView).max(1000).default([]),
})
export type DecisionBody = z.infer<typeof DecisionBody>

/** A decision with its rationale: template and own words separately. */
export const DecisionView = z.strictObject({
  decisionId: z.string(),
  stage: z.enum(["first", "second", "resolution"]),
  by: z.string(),
  basis: z.enum(BASES),
  category: z.string().exactOptional(),
  annotations: z.array(z.enum(DECISION_REPORT_ANNOTATIONS)),
  imminentDanger: z.boolean(),
  template: z.strictObject({ id: z.enum(RATIONALE_TEMPLATES), locale: Locale }).exactOptional(),
  /** The reviewer's own words; absent if there are none. */
  rationale: z.string().exactOptional(),
  items: z.array(JudgedItemView),
  givenAt: Timestamp,
})

/** `GET /v1/cases/:caseId/decisions` answer: until the case is decided, only one's own. */
export const DecisionList = z.strictObject({ decisions: z.array(DecisionView) })

/** `POST /v1/cases/:caseId/second-review/waive` body. */
export const WaiveBody = z.strictObject({ reason: z.enum(["no-second-reviewer", "deadline"]) })

/** `GET /v1/review/agreement` query: the last 90 days by default. */
export const AgreementQuery = z.strictObject({ from: Timestamp.exactOptional(), to: Timestamp.exactOptional() })

/** `GET /v1/review/agreement` answer: counted from the log. */
export const AgreementView = z.strictObject({
  from: Timestamp,
  to: Timestamp,
  /** First decisions for which a second review was requested. */
  requested: z.int().nonnegative(),
  /** Counts only those whose second review is over: before that, the reason would reveal the first decision. */
  byReason: z.strictObject({
    "exact-not-reported": z.int().nonnegative(),
    enticement: z.int().nonnegative(),
    sampled: z.int().nonnegative(),
    /** By the first reviewer. */
    requested: z.int().nonnegative(),
  }),
  agreed: z.int().nonnegative(),
  disagreed: z.int().nonnegative(),
  disagreedIn: z.strictObject({
    basis: z.int().nonnegative(),
    included: z.int().nonnegative(),
    classification: z.int().nonnegative(),
  }),
  resolved: z.int().nonnegative(),
  waived: z.int().nonnegative(),
})
