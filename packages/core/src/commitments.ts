/**
 * The registry of commitments and controls: the eleven commitments of the published Safety by Design announcement, in
 * our own words, each with the controls by which Nightlight keeps it and the events that prove them.
 *
 * A control that Nightlight does not have yet is listed too, with nothing that could prove it: a gap is shown, never
 * left out. Ids are stable, because answers, reports and links use them.
 * @module
 */
import type { JsonValue } from "./canonical-json.ts"

/** Stages of a model's life, in order; `across`: all of them. */
export const STAGES = ["develop", "deploy", "maintain", "across"] as const
/** One stage. */
export type CommitmentStage = (typeof STAGES)[number]

/** Ids of the commitments, in the announcement's order. */
export const COMMITMENT_IDS = ["D1", "D2", "D3", "P1", "P2", "M1", "M2", "M3", "A1", "A2", "A3"] as const
/** Id of one commitment. */
export type CommitmentId = (typeof COMMITMENT_IDS)[number]

/** Events of one type that prove a control. */
export interface ControlEvidence {
  /** Type of the event, such as `report.finished`. */
  readonly type: string
  /** Required data of the event, by containment: an array must contain each given element. Absent: any. */
  readonly where?: Readonly<Record<string, JsonValue>>
  /** Whether events about cases with only test cards are left out, since they prove only that a test works. */
  readonly exceptTestCases?: true
}

/**
 * Conditions that are read from the present state, not from the log: past evidence does not replace them.
 *
 * - `every-dataset-scanned`: the newest scan of each dataset on record was complete, had real lists, is at most {@link
 *   DATASET_SCAN_DAYS} days old and, or a hunt through all of it, not older than lists that its workspace has had for
 *   {@link DATASET_LISTS_DAYS} days.
 * - `guards-report`: at least one guard reports; each that should report does, accepts calls and has real lists.
 * - `lists-live`: an index with a list other than test cards is live.
 * - `nothing-overdue`: no case is undecided or unfiled past its deadline.
 */
export const CONDITION_IDS = ["every-dataset-scanned", "guards-report", "lists-live", "nothing-overdue"] as const
/** Id of one condition. */
export type ConditionId = (typeof CONDITION_IDS)[number]

/** Largest age of a dataset's newest scan, days. */
export const DATASET_SCAN_DAYS = 180
/** Days that newer lists of its workspace may exist before a dataset must be scanned again. */
export const DATASET_LISTS_DAYS = 30

/** A control: an activity that is repeated so that a commitment is kept. */
export interface Control {
  /** Unique in the registry. */
  readonly id: string
  /** The activity, in a few plain words. */
  readonly title: string
  /** Whether the commitment depends on it. */
  readonly essential: boolean
  /**
   * `recorded`: this installation records what proves it. `unrecorded`: Nightlight does it, but this installation has
   * no record of it. `none-yet`: Nightlight does not do it yet.
   */
  readonly availability: "recorded" | "unrecorded" | "none-yet"
  /** Events that prove it, any of them. */
  readonly evidence: readonly ControlEvidence[]
  /** A condition that must hold now as well; without events it alone proves the control. */
  readonly condition?: ConditionId
  /** Largest age of the newest evidence, days. */
  readonly freshDays: number
}

/** A commitment with its controls. */
export interface Commitment {
  readonly id: CommitmentId
  readonly stage: CommitmentStage
  /** In our own words, one line. */
  readonly title: string
  /** At least one is essential. */
  readonly controls: readonly Control[]
}

const QUARTER_DAYS = 90
const YEAR_DAYS = 365

/** A control whose evidence is recorded; `days`: largest age of the newest evidence. */
function control(id: string, title: string, days: number, ...evidence: readonly ControlEvidence[]): Control {
  return { id, title, essential: false, availability: "recorded", evidence, freshDays: days }
}

/** A control that the present state proves. */
function current(id: string, title: string, condition: ConditionId): Control {
  return { id, title, essential: false, availability: "recorded", evidence: [], condition, freshDays: 1 }
}

/** A control that Nightlight has and that leaves no record in this installation. */
function unrecorded(id: string, title: string): Control {
  return { id, title, essential: false, availability: "unrecorded", evidence: [], freshDays: YEAR_DAYS }
}

/** A control that Nightlight does not have yet. */
function noneYet(id: string, title: string): Control {
  return { id, title, essential: false, availability: "none-yet", evidence: [], freshDays: YEAR_DAYS }
}

function essential(it: Control): Control {
  return { ...it, essential: true }
}

/** The control, proven only while a condition holds as well. */
function whileTrue(condition: ConditionId, it: Control): Control {
  return { ...it, condition }
}

const SCREENED = { type: "screens.counted", where: { matched: true } } as const
const DECIDED = { type: "case.decided", exceptTestCases: true } as const
const SCANNED = { type: "scan.reported", where: { state: "complete", screened: true } } as const
const HUNTED = { type: "hunt.reported", where: { complete: true, screened: true } } as const
const SECOND_REVIEWS = [
  { ...DECIDED, where: { secondReview: "agreed" } },
  { ...DECIDED, where: { secondReview: "resolved" } },
] as const
const FILED = [
  { type: "report.finished", where: { environment: "production" } },
  { type: "report.filed-manually", where: { environment: "production" } },
] as const

/** Every commitment, in the announcement's order. */
export const COMMITMENTS: readonly Commitment[] = [
  {
    id: "D1",
    stage: "develop",
    title: "Train on data that was sourced responsibly, and keep abuse material out of it",
    controls: [
      essential(
        whileTrue(
          "every-dataset-scanned",
          control("dataset-scan", "Every dataset on record was scanned since its lists", DATASET_SCAN_DAYS, SCANNED),
        ),
      ),
      control("hunt", "A dataset that was scanned before is matched against new hashes", QUARTER_DAYS, HUNTED),
      noneYet("provenance-of-sources", "Where training data come from is on record"),
    ],
  },
  {
    id: "D2",
    stage: "develop",
    title: "Stress-test models again and again, and feed what is found back",
    controls: [
      essential(noneYet("stress-test", "Models are stress-tested by lawful means")),
      noneYet("regression-gate", "A release waits for its stress test"),
    ],
  },
  {
    id: "D3",
    stage: "develop",
    title: "Be ready for misuse by adversaries, so that what a model made can be told as such",
    controls: [
      essential(noneYet("output-provenance", "Outputs carry provenance that outlives removal")),
      current("guard-in-front", "A guard stands between callers and models", "guards-report"),
      unrecorded("conformance", "The guard is tried against known ways around it"),
      control("probe-alarms", "Callers who feel their way around a check are noticed", YEAR_DAYS, {
        type: "alarm.raised",
        where: { code: "screen-probing" },
      }),
    ],
  },
  {
    id: "P1",
    stage: "deploy",
    title: "Detect abusive content and conduct, answer it, and prevent it",
    controls: [
      essential(current("guard", "Every guard that should screen prompts and outputs does so now", "guards-report")),
      control("uploads", "Uploads are screened before they are shown", QUARTER_DAYS, SCREENED),
      unrecorded("guard-ladder", "Accounts that a guard blocks again and again are warned, slowed and suspended"),
      essential(noneYet("enforcement", "Accounts that abuse a service are held to account, and can appeal")),
      control("policies", "What is blocked is set by policies that two people activate", YEAR_DAYS, {
        type: "policy.activated",
      }),
      noneYet("prevention-messages", "Who seeks abuse material is shown where to find help"),
      noneYet("user-flags", "Users can report what they see"),
    ],
  },
  {
    id: "P2",
    stage: "deploy",
    title: "Let developers own safety, from the design on",
    controls: [
      essential(noneYet("model-cards", "Model cards have a section on the safety of children")),
      noneYet("release-attestation", "Two people attest a release before it ships"),
    ],
  },
  {
    id: "M1",
    stage: "maintain",
    title: "Remove new AI-generated abuse material that bad actors make",
    controls: [
      essential(noneYet("hosted-models", "Models, tools and links made for abuse are found and removed")),
      control("ai-generated-items", "Material that AI made is told apart and reported as such", YEAR_DAYS, {
        type: "item.judged",
        where: { included: true, annotations: ["generativeAi"] },
        exceptTestCases: true,
      }),
    ],
  },
  {
    id: "M2",
    stage: "maintain",
    title: "Invest in research and in what comes next",
    controls: [
      essential(
        whileTrue(
          "lists-live",
          control("lists-kept-current", "An index of real lists goes live at least every 30 days", 30, {
            type: "lists.index-live",
            where: { screens: true },
          }),
        ),
      ),
      control(
        "precision-measured",
        "A second person judges a share of decisions anew",
        QUARTER_DAYS,
        ...SECOND_REVIEWS,
      ),
      control("disputes", "Matches that people find wrong are disputed, so that lists stay right", YEAR_DAYS, {
        type: "dispute.opened",
      }),
      noneYet("canaries", "Recall of each detector is measured with harmless test cards"),
    ],
  },
  {
    id: "M3",
    stage: "maintain",
    title: "Fight abuse material, made by AI or not, on one's own platforms",
    controls: [
      essential(
        whileTrue(
          "lists-live",
          control(
            "known-content-matching",
            "What comes in is matched against hash lists",
            QUARTER_DAYS,
            { type: "finding.verified", where: { testOnly: false } },
            SCREENED,
          ),
        ),
      ),
      essential(
        whileTrue(
          "nothing-overdue",
          control("human-review", "Trained people decide in time what was found", QUARTER_DAYS, DECIDED),
        ),
      ),
      control("evidence-preserved", "Evidence of reports is locked for a year", YEAR_DAYS, {
        type: "preservation.locked",
      }),
      noneYet("hash-sharing", "Confirmed hashes are shared with exchanges"),
    ],
  },
  {
    id: "A1",
    stage: "across",
    title: "Keep services that are not for children to those who are old enough",
    controls: [essential(noneYet("age-restrictions", "Ages are assured, and bands decide what an account may do"))],
  },
  {
    id: "A2",
    stage: "across",
    title: "Work with NCMEC, the Tech Coalition, industry and authorities, and report better",
    controls: [
      essential(
        whileTrue(
          "nothing-overdue",
          control(
            "cybertipline-reports",
            "Apparent violations are reported to the CyberTipline in time",
            YEAR_DAYS,
            ...FILED,
          ),
        ),
      ),
      control(
        "preservation",
        "Evidence is kept as law and requests ask, no longer",
        YEAR_DAYS,
        {
          type: "preservation.locked",
        },
        { type: "hold.placed" },
      ),
      control("law-enforcement-desk", "Requests of authorities are taken in and answered", YEAR_DAYS, {
        type: "request.opened",
      }),
      control("referrals", "What another country's authority must know goes there", YEAR_DAYS, {
        type: "case.referred",
      }),
    ],
  },
  {
    id: "A3",
    stage: "across",
    title: "Publish every year how far it has come",
    controls: [
      essential(noneYet("progress-report", "A yearly report, every number of which can be counted again")),
      control("log-verified", "The log that numbers come from is verified", QUARTER_DAYS, {
        type: "audit.verified",
        where: { ok: true },
      }),
    ],
  },
]
