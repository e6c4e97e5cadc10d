/**
 * Policies of the server: stored as immutable versions, tried on past findings, run in shadow, made active by an
 * approval.
 *
 * The active version decides what this server screens: `POST /v1/screen`, and intake. Scans, hunts and guards decide by
 * the policy file of the workspace that they run in; {@link PolicyList}'s `file` gives the state of the file beside
 * this server. A page about policies must show both.
 * @module
 */
import { z } from "zod"
import { DecisionName, Sha256Hex, Timestamp } from "../screening.ts"

/** Maximum length of a policy's text, UTF-16 code units; of its tests, {@link MAX_POLICY_TESTS}. */
export const MAX_POLICY_TEXT = 65_536

/** Maximum length of the tests beside a policy. */
export const MAX_POLICY_TESTS = 262_144

/** Maximum number of findings of one trial, newest first; older ones are left out, and counted as such. */
export const MAX_TRIAL_FINDINGS = 100_000

/**
 * `draft`: stored, never decided anything here. `shadow`: decides beside the active one, only to be counted. `active`:
 * the one that decides; there is at most one. `retired`: was active once.
 */
export const POLICY_STATES = ["draft", "shadow", "active", "retired"] as const

/** A person's id, or `system-workspace` for a version from the workspace's file. */
const MadeBy = z.string()

/** One version, without its text. */
export const PolicySummary = z.strictObject({
  /** SHA-256 of the text's UTF-8 bytes: what `sha256sum policy.yaml` prints. */
  digest: Sha256Hex,
  /** SHA-256 over rules, default and exceptions, as findings and receipts name it; comments do not change it. */
  policyDigest: Sha256Hex,
  name: z.string(),
  /** The version number in the text. */
  version: z.int().positive(),
  state: z.enum(POLICY_STATES),
  madeBy: MadeBy,
  madeAt: Timestamp,
  /** When it last became active. */
  activatedAt: Timestamp.exactOptional(),
  ruleCount: z.int().nonnegative(),
  testCount: z.int().nonnegative(),
})
export type PolicySummary = z.infer<typeof PolicySummary>

/** `GET /v1/policies` answer: newest first, at most 500. */
export const PolicyList = z.strictObject({
  policies: z.array(PolicySummary),
  /** Absent while nothing decides: there is no workspace yet, or its first policy file does not load. */
  active: Sha256Hex.exactOptional(),
  shadow: Sha256Hex.exactOptional(),
  /** The version that a roll-back of the active one makes active. */
  previous: Sha256Hex.exactOptional(),
  /** The policy file of the workspace beside this server, which scans and hunts there decide by. The server never writes it. */
  file: z.strictObject({
    /**
     * `same`: the active version's text. `differs`: another; scans there and this server decide differently.
     * `unusable`: it does not load. `missing`: there is no workspace, no such file, or it cannot be read.
     */
    state: z.enum(["same", "differs", "unusable", "missing"]),
    digest: Sha256Hex.exactOptional(),
    /** Whether a version of that digest is stored here; a changed file is stored as a draft within a minute. */
    known: z.boolean(),
  }),
})
export type PolicyList = z.infer<typeof PolicyList>

/** One rule. */
export const PolicyRuleView = z.strictObject({
  /** Its name in verdicts. */
  id: z.string(),
  decision: DecisionName,
  /** The CEL condition in the file. */
  condition: z.string(),
  /** The policy's own note on it. */
  description: z.string().exactOptional(),
})

/** `GET /v1/policies/rules` answer: the description of each rule of the active version; empty if none is active. */
export const PolicyRules = z.strictObject({ rules: z.array(PolicyRuleView.omit({ condition: true })) })
export type PolicyRules = z.infer<typeof PolicyRules>

/** Result of one of a policy's own tests. */
export const PolicyTestView = z.strictObject({
  name: z.string(),
  passed: z.boolean(),
  expected: z.strictObject({ decision: DecisionName, rule: z.string().exactOptional() }),
  actual: z.strictObject({ decision: DecisionName, rule: z.string() }),
})
export type PolicyTestView = z.infer<typeof PolicyTestView>

/** One time that a version became active. */
export const PolicyActivationView = z.strictObject({
  at: Timestamp,
  /** `first`: when nothing was active; the others are approvals. */
  how: z.enum(["first", "activated", "rolled-back"]),
  /** The version that was active until then. */
  replaced: Sha256Hex.exactOptional(),
  approvalId: z.string().exactOptional(),
  requestedBy: z.string().exactOptional(),
  approvedBy: z.string().exactOptional(),
})

/** `GET /v1/policies/:digest` answer. */
export const PolicyDetail = z.strictObject({
  policy: PolicySummary,
  text: z.string(),
  /** The tests beside it, if any; a policy may also contain tests in its own text. */
  testsText: z.string().exactOptional(),
  /** In the file's order; of the rules that hold, the gravest decides. */
  rules: z.array(PolicyRuleView),
  /** Decision if no rule holds. */
  default: DecisionName,
  /** Media types that pass although they cannot be screened; never if a list matched. */
  mediaExceptions: z.array(
    z.strictObject({
      mediaType: z.string(),
      /** Globs of paths of a dataset, outside which it does not apply. */
      paths: z.array(z.string()).exactOptional(),
      reason: z.string(),
      /** Last day, UTC: `2027-01-31`. */
      until: z.string(),
      approvedBy: z.array(z.string()),
    }),
  ),
  /** Run just now. */
  tests: z.array(PolicyTestView),
  /** Newest first, at most 50. */
  activations: z.array(PolicyActivationView),
})
export type PolicyDetail = z.infer<typeof PolicyDetail>

/** `POST /v1/policies` and `POST /v1/policies/check` body. */
export const PolicyBody = z.strictObject({
  text: z.string().min(1).max(MAX_POLICY_TEXT),
  /** The text of a tests file, as beside a policy on disk. */
  tests: z.string().max(MAX_POLICY_TESTS).exactOptional(),
})

/** Something wrong with a policy, and where. */
export const PolicyProblemView = z.strictObject({
  /** `policy.yaml` is the body's `text`, `policy.tests.yaml` its `tests`. */
  file: z.string(),
  /** From 1. */
  line: z.int().positive(),
  /** From 1, in UTF-16 code units. */
  column: z.int().positive(),
  /** One sentence for the author. */
  message: z.string(),
})

/**
 * `POST /v1/policies/check` answer: all problems of a text, and the results of its tests; stores nothing. Without
 * problems `POST /v1/policies` stores it; otherwise that answers `policy_invalid`, whose `problems` counts them, whose
 * `line` and `column` locate the first, and whose `list` has a line for each of the first 20: `policy.yaml:3:7:
 * message`.
 */
export const PolicyCheck = z.strictObject({
  problems: z.array(PolicyProblemView),
  /** Absent if the text does not load. */
  digest: Sha256Hex.exactOptional(),
  tests: z.array(PolicyTestView),
})
export type PolicyCheck = z.infer<typeof PolicyCheck>

/** `POST /v1/policies/:digest/try` body: findings from `from` until before `to`. */
export const TrialBody = z.strictObject({ from: Timestamp, to: Timestamp })

/** How many findings went from one decision to another. */
export const DecisionMove = z.strictObject({
  from: DecisionName,
  to: DecisionName,
  count: z.int().positive(),
})

/**
 * A trial: this version decides stored past findings again, without any effect.
 *
 * One finding is one distinct item of a case, or one finding of a scan that belongs to no case because it arrived
 * without evidence. `from` in a move is its stored decision. `POST .../try` answers with a finished trial for at most
 * 2,000 findings; else with a running one: read it again until it is finished.
 */
export const TrialView = z.strictObject({
  /** `trial-<uuid>`. */
  trialId: z.string(),
  digest: Sha256Hex,
  state: z.enum(["running", "done", "failed"]),
  from: Timestamp,
  to: Timestamp,
  requestedBy: z.string(),
  requestedAt: Timestamp,
  endedAt: Timestamp.exactOptional(),
  /** Number of findings of the period to decide; at most {@link MAX_TRIAL_FINDINGS}. */
  total: z.int().nonnegative(),
  /** Examined so far: `unchanged` + `changed` + `undecided`; in the end `total` except `leftOut.unreadable`. */
  examined: z.int().nonnegative(),
  /** Same decision as before. */
  unchanged: z.int().nonnegative(),
  changed: z.int().nonnegative(),
  /** Number without a decision, because facts that the policy needs were never stored. */
  undecided: z.int().nonnegative(),
  /** `unchanged` and `changed` by decision: the gravest `from` first, then the gravest `to`. */
  moves: z.array(DecisionMove),
  /** How often each rule decided, most often first: rules' names, `default`, and the floors under every policy. */
  rules: z.array(z.strictObject({ rule: z.string(), count: z.int().positive() })),
  /** The decision is known, but not which of several rules makes it. */
  ruleUndecided: z.int().nonnegative(),
  /** Rules that left a decision open, most often first. One finding may count for several. */
  undecidedRules: z.array(z.strictObject({ rule: z.string(), count: z.int().positive() })),
  /** Findings of the period that are left out. */
  leftOut: z.strictObject({
    /** Beyond {@link MAX_TRIAL_FINDINGS}: those in cases come first, and the newest of each. */
    beyondLimit: z.int().nonnegative(),
    /** Pushed, and not verified here (yet): waiting, denied or refused. */
    unproven: z.int().nonnegative(),
    /** From an exchange with a model, and in no case: a guard's checks decided, not a policy alone. */
    exchanges: z.int().nonnegative(),
    /** Their contents can no longer be opened. */
    unreadable: z.int().nonnegative(),
  }),
  /** A few for each move that changes a decision, and of the undecided; absent for people who may not read cases. */
  examples: z
    .array(
      z.strictObject({
        from: DecisionName,
        /** Absent if it is unknown. */
        to: DecisionName.exactOptional(),
        caseId: z.string().exactOptional(),
        itemId: z.string().exactOptional(),
        /** For a finding that belongs to no case. */
        findingId: z.string().exactOptional(),
      }),
    )
    .exactOptional(),
})
export type TrialView = z.infer<typeof TrialView>

/** `GET /v1/policies/:digest/trials` answer: newest first, at most 20, without examples. */
export const TrialList = z.strictObject({ trials: z.array(TrialView) })

/** One time that a version ran in shadow. */
export const ShadowRunView = z.strictObject({
  /** `shadow-<uuid>`. */
  shadowId: z.string(),
  startedBy: z.string(),
  startedAt: Timestamp,
  endedBy: z.string().exactOptional(),
  endedAt: Timestamp.exactOptional(),
  /** Decisions that both made. Written every few seconds; a process that is killed loses those since. */
  screened: z.int().nonnegative(),
  /** Of these, those on which both agree. */
  same: z.int().nonnegative(),
  /** From the active version's decision to the shadow's: the gravest `from` first, then the gravest `to`. */
  moves: z.array(
    z.strictObject({
      /** `screen`: called by API; `intake`: a pushed or own finding that was matched again. */
      surface: z.enum(["screen", "intake"]),
      /** The version that was active then. */
      beside: Sha256Hex,
      from: DecisionName,
      to: DecisionName,
      count: z.int().positive(),
    }),
  ),
})
export type ShadowRunView = z.infer<typeof ShadowRunView>

/** `GET /v1/policies/:digest/shadow`, and answer of `POST .../shadow` and `.../shadow/end`: newest run first, at most 20. */
export const ShadowView = z.strictObject({ running: z.boolean(), runs: z.array(ShadowRunView) })
export type ShadowView = z.infer<typeof ShadowView>

/**
 * `POST /v1/policies/:digest/activate` and `.../rollback` answer, 202: an approval `policy.activate` or
 * `policy.roll-back` waits for its approver (`POST /v1/approvals/:approvalId/approve`). Its payload contains
 * `replaces`, the version that is active now, and `activates`, the one that will be.
 */
export const PolicyApprovalAnswer = z.strictObject({ approvalId: z.string(), expiresAt: Timestamp })
