/**
 * Policies of the server: kept as immutable versions, tried on past findings, run in shadow, made active by two people.
 *
 * The active version decides what this server screens: `POST /v1/screen`, and what it takes in. Scans, hunts and guards
 * decide by the policy file of the workspace that they run in; {@link PolicyList}'s `file` says how the file beside this
 * server stands. A page about policies says both.
 * @module
 */
import { z } from "zod"
import { DecisionName, Sha256Hex, Timestamp } from "../screening.ts"

/** Longest text of a policy, UTF-16 code units; of its tests, {@link MAX_POLICY_TESTS}. */
export const MAX_POLICY_TEXT = 65_536

/** Longest text of the tests that stand beside a policy. */
export const MAX_POLICY_TESTS = 262_144

/** Findings that one trial looks at, the newest; what is older is left out, and counted as such. */
export const MAX_TRIAL_FINDINGS = 100_000

/**
 * `draft`: kept, never decided anything here. `shadow`: decides beside the active one, to be counted alone. `active`: the
 * one that decides; there is one. `retired`: was active once.
 */
export const POLICY_STATES = ["draft", "shadow", "active", "retired"] as const

/** `policy-editor`'s id, or `system-workspace` for a version that was verified from the workspace's file. */
const MadeBy = z.string()

/** One version, without its text. */
export const PolicySummary = z.strictObject({
  /** SHA-256 of the text's UTF-8 bytes: what `sha256sum policy.yaml` prints. */
  digest: Sha256Hex,
  /** SHA-256 over rules, default and exceptions, as findings and receipts name it: comments do not change it. */
  policyDigest: Sha256Hex,
  name: z.string(),
  /** The number that the text itself gives. */
  version: z.int().positive(),
  state: z.enum(POLICY_STATES),
  madeBy: MadeBy,
  madeAt: Timestamp,
  /** When it became active the last time. */
  activatedAt: Timestamp.exactOptional(),
  ruleCount: z.int().nonnegative(),
  testCount: z.int().nonnegative(),
})
export type PolicySummary = z.infer<typeof PolicySummary>

/** `GET /v1/policies` answer: newest first, at most 500. */
export const PolicyList = z.strictObject({
  policies: z.array(PolicySummary),
  /** Absent as long as nothing decides: no workspace is there yet, or its first policy file does not load. */
  active: Sha256Hex.exactOptional(),
  shadow: Sha256Hex.exactOptional(),
  /** The version that a roll-back of the active one would bring back. */
  previous: Sha256Hex.exactOptional(),
  /** The policy file of the workspace beside this server, which scans and hunts there decide by. The server never writes it. */
  file: z.strictObject({
    /**
     * `same`: the active version's text. `differs`: another; scans there and this server decide differently.
     * `unusable`: it does not load. `missing`: there is no workspace, no such file, or it cannot be read.
     */
    state: z.enum(["same", "differs", "unusable", "missing"]),
    digest: Sha256Hex.exactOptional(),
    /** Whether a version of that digest is kept here; a changed file is verified as a draft within a minute. */
    known: z.boolean(),
  }),
})
export type PolicyList = z.infer<typeof PolicyList>

/** One rule. */
export const PolicyRuleView = z.strictObject({
  /** Its name, as verdicts carry it. */
  id: z.string(),
  decision: DecisionName,
  /** The CEL condition as it stands in the file. */
  condition: z.string(),
  /** The policy's own note on it. */
  description: z.string().exactOptional(),
})

/** `GET /v1/policies/rules` answer: what each rule of the active version says of itself; none where none is active. */
export const PolicyRules = z.strictObject({ rules: z.array(PolicyRuleView.omit({ condition: true })) })
export type PolicyRules = z.infer<typeof PolicyRules>

/** What one of a policy's own tests came to. */
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
  /** `first`: taken in when nothing was active; the others are approvals by two people. */
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
  /** The tests beside it, where there are any; a policy may also hold tests in its own text. */
  testsText: z.string().exactOptional(),
  /** In the file's order; of those that hold the gravest decides. */
  rules: z.array(PolicyRuleView),
  /** What is decided where no rule holds. */
  default: DecisionName,
  /** Media types that pass although nobody can look into them; never where a list matched. */
  mediaExceptions: z.array(
    z.strictObject({
      mediaType: z.string(),
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
  /** The text of a tests file, as it stands beside a policy on disk. */
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
 * `POST /v1/policies/check` answer: everything that is wrong with a text, and what its tests come to; keeps nothing. Without
 * problems `POST /v1/policies` keeps it; with some it answers `policy_invalid`, whose `problems` counts them, whose `line`
 * and `column` place the first, and whose `list` holds a line for each of the first 20: `policy.yaml:3:7: message`.
 */
export const PolicyCheck = z.strictObject({
  problems: z.array(PolicyProblemView),
  /** Absent where the text does not load. */
  digest: Sha256Hex.exactOptional(),
  tests: z.array(PolicyTestView),
})
export type PolicyCheck = z.infer<typeof PolicyCheck>

/** `POST /v1/policies/:digest/try` body: findings that came to be known from `from` until before `to`. */
export const TrialBody = z.strictObject({ from: Timestamp, to: Timestamp })

/** How many findings went from one decision to another. */
export const DecisionMove = z.strictObject({
  from: DecisionName,
  to: DecisionName,
  count: z.int().positive(),
})

/**
 * A trial: this version decides over what is stored of past findings, and nothing else happens.
 *
 * One finding is one distinct item of a case, or one finding of a scan that stands in no case because it came without
 * evidence. `from` in a move is the decision that stands with it. `POST .../try` answers with a trial that is done where
 * it takes at most 2,000 findings; else with one that is running: read it again until it is not.
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
  /** Findings of the period that it is to look at; at most {@link MAX_TRIAL_FINDINGS}. */
  total: z.int().nonnegative(),
  /** Looked at so far: `kept` + `changed` + `untold`; in the end `total` but for `leftOut.unreadable`. */
  looked: z.int().nonnegative(),
  /** Get the decision that they have. */
  kept: z.int().nonnegative(),
  changed: z.int().nonnegative(),
  /** What the policy asks of them was never stored: no decision is guessed. */
  untold: z.int().nonnegative(),
  /** `kept` and `changed` by decision: the gravest `from` first, then the gravest `to`. */
  moves: z.array(DecisionMove),
  /** How often each rule decided, most often first: rules' names, `default`, and the floors under every policy. */
  rules: z.array(z.strictObject({ rule: z.string(), count: z.int().positive() })),
  /** Where the decision can be told but not which of several rules makes it. */
  ruleUntold: z.int().nonnegative(),
  /** Which rules left a decision open, most often first. One finding may count for several. */
  untoldRules: z.array(z.strictObject({ rule: z.string(), count: z.int().positive() })),
  /** Findings of the period that are not looked at. */
  leftOut: z.strictObject({
    /** Beyond {@link MAX_TRIAL_FINDINGS}: those in cases come first, and the newest of each. */
    beyondLimit: z.int().nonnegative(),
    /** Pushed, and not verified here (yet): waiting, denied or refused. */
    unproven: z.int().nonnegative(),
    /** Of an exchange with a model, and in no case: a guard's checks decided, not a policy alone. */
    exchanges: z.int().nonnegative(),
    /** What was said of them cannot be opened any more. */
    unreadable: z.int().nonnegative(),
  }),
  /** A few for each move that changes a decision, and of the untold; absent for those who may not read cases. */
  examples: z
    .array(
      z.strictObject({
        from: DecisionName,
        /** Absent where it cannot be told. */
        to: DecisionName.exactOptional(),
        caseId: z.string().exactOptional(),
        itemId: z.string().exactOptional(),
        /** Of a finding that stands in no case. */
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
      /** `screen`: asked by API; `intake`: a pushed or own finding that was matched again. */
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
 * `POST /v1/policies/:digest/activate` and `.../rollback` answer, 202: an approval `policy.activate` or `policy.roll-back` waits
 * for its second (`POST /v1/approvals/:approvalId/approve`). Its payload holds `replaces`, the version that is active now, and
 * `activates`, the one that will be.
 */
export const PolicyApprovalAnswer = z.strictObject({ approvalId: z.string(), expiresAt: Timestamp })
