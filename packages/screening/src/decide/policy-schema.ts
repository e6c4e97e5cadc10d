/**
 * The shape of a policy file and of the tests beside it.
 * @module
 */
import { compileGlobs, ORIENTATIONS } from "@nightlight/core"
import { z } from "zod"
import { INCONCLUSIVE_CAUSES, MEDIA_KINDS } from "./vocabulary.ts"

/** Limits of a policy file; see also {@link MAX_COST_STEPS}. */
export const POLICY_LIMITS = {
  policyBytes: 65_536,
  policyParts: 12_000,
  testBytes: 262_144,
  testParts: 40_000,
  rules: 100,
  exceptions: 100,
  tests: 500,
  conditionLength: 2000,
} as const

const Name = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "a name is lower-case letters, digits and single hyphens")
  .refine((name) => name !== "default", "the name default is reserved")
const Note = z.string().min(1).max(1000)
const Glob = z.string().refine(isGlob, "a path below the dataset's root, such as films/**")
const Day = z.iso.date("a day is written as 2027-01-31")

/**
 * Decisions that a rule can make. No rule can decide `unscreened`, which means that there was nothing to check against.
 */
export const RuleDecision = z.enum(["clear", "inconclusive", "review", "block", "quarantine"])

/** A rule in a policy file. */
export const RuleDocument = z.strictObject({
  name: Name,
  /** CEL condition over the signals. */
  when: z.string().min(1).max(POLICY_LIMITS.conditionLength),
  decide: RuleDecision,
  /** Why the rule exists, for readers of a verdict. */
  note: Note.optional(),
})

/** A media type that passes although it cannot be screened. */
export const MediaExceptionDocument = z.strictObject({
  /** One exact type, such as `video/mp4`. */
  mediaType: z.string().regex(/^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/, "one exact media type, such as video/mp4"),
  /** Globs of paths below a dataset's root, outside which it does not apply: of files, shards or folders. */
  paths: z.array(Glob).min(1).max(100).optional(),
  reason: Note,
  /** Last day, UTC, on which it applies. */
  until: Day,
  /** The people who approved it: two, or one in a single-person installation. */
  approvedBy: z
    .array(z.string().trim().min(1).max(100))
    .min(1)
    .max(10)
    .refine((people) => new Set(people).size === people.length, "names each person once"),
})

/** A test of a policy: signals, and the expected result. */
export const PolicyTestDocument = z.strictObject({
  name: z.string().min(1).max(200),
  signals: z
    .strictObject({
      matches: z.array(matchDocument()).max(POLICY_LIMITS.tests).optional(),
      weakMatches: z.array(matchDocument()).max(POLICY_LIMITS.tests).optional(),
      scores: z
        .array(z.strictObject({ classifier: z.string(), label: z.string(), score: z.number().min(0).max(1) }))
        .optional(),
      inconclusive: z.enum([...INCONCLUSIVE_CAUSES]).optional(),
      mediaType: z.string().optional(),
      /** Of the file or shard, for exceptions with paths. */
      path: z.string().optional(),
      kind: z.enum([...MEDIA_KINDS]).optional(),
      screened: z.boolean().optional(),
    })
    .default({}),
  expect: z.enum(["clear", "unscreened", "inconclusive", "review", "block", "quarantine"]),
  /** The expected rule, where it matters. */
  rule: z.string().optional(),
  /** The day of the decision, for exceptions that end. */
  on: Day.optional(),
})

/** Tests of a policy. */
export const PolicyTestsDocument = z.array(PolicyTestDocument).max(POLICY_LIMITS.tests)

/** A policy file. */
export const PolicyDocument = z.strictObject({
  name: z
    .string()
    .max(64)
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "a name is lower-case letters, digits and single hyphens"),
  version: z.int().positive(),
  rules: z.array(RuleDocument).min(1).max(POLICY_LIMITS.rules),
  /** The decision when no rule's condition is met. */
  default: RuleDecision,
  mediaExceptions: z.array(MediaExceptionDocument).max(POLICY_LIMITS.exceptions).default([]),
  tests: PolicyTestsDocument.default([]),
})

/** A parsed policy file. */
export type PolicyDocument = z.infer<typeof PolicyDocument>

/** A parsed rule. */
export type RuleDocument = z.infer<typeof RuleDocument>

/** A parsed media exception. */
export type MediaExceptionDocument = z.infer<typeof MediaExceptionDocument>

/** A parsed test. */
export type PolicyTestDocument = z.infer<typeof PolicyTestDocument>

/** The file of tests beside a policy, `NAME.tests.yaml`. */
export const PolicyTestsFile = z.strictObject({ tests: PolicyTestsDocument })

function matchDocument() {
  return z.strictObject({
    list: z.string().optional(),
    trust: z.enum(["trusted", "unverified", "test"]).optional(),
    category: z.string().optional(),
    snapshot: z.int().positive().optional(),
    hashType: z.enum(["md5", "sha1", "sha256", "pdq", "url"]).optional(),
    declared: z.boolean().optional(),
    distanceBits: z.int().min(0).max(256).optional(),
    radiusBits: z.int().min(0).max(256).optional(),
    quality: z.int().min(0).max(100).optional(),
    orientation: z.enum(ORIENTATIONS).optional(),
    crop: z.enum(["none", "letterbox"]).optional(),
    background: z.enum(["dropped", "white", "black", "grey"]).optional(),
    frame: z.int().nonnegative().optional(),
  })
}

function isGlob(text: string): boolean {
  try {
    compileGlobs([text])
    return true
  } catch {
    return false
  }
}
