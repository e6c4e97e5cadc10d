/**
 * The registry of commitments and controls: the eleven commitments of the published Safety by Design announcement,
 * paraphrased, each with the controls by which Nightlight keeps it and the events that prove them.
 *
 * A control that Nightlight does not have yet is listed too, without evidence: gaps are shown, never left out. Ids are
 * stable, because answers, reports and links use them.
 * @module
 */
import type { JsonValue } from "./canonical-json.ts"

/** Stages of a model's life, in order; `across`: all of them. */
export const STAGES = ["develop", "deploy", "maintain", "across"] as const
/** A stage of a model's life. */
export type CommitmentStage = (typeof STAGES)[number]

/** Ids of the commitments, in the announcement's order. */
export const COMMITMENT_IDS = ["D1", "D2", "D3", "P1", "P2", "M1", "M2", "M3", "A1", "A2", "A3"] as const
/** Id of a commitment. */
export type CommitmentId = (typeof COMMITMENT_IDS)[number]

/** Events of one type that are evidence for a control. */
export interface ControlEvidence {
  /** Type of the event, such as `report.finished`. */
  readonly type: string
  /** Required data of the event, by containment: an array must contain each given element. Any data where absent. */
  readonly where?: Readonly<Record<string, JsonValue>>
  /** Excludes events about cases with only test cards, which prove only that a test works. */
  readonly exceptTestCases?: true
}

/**
 * Conditions on the present state, not on the log: past evidence does not replace them.
 *
 * - `every-dataset-scanned`: the newest scan of each dataset on record was complete, had real lists and is at most
 *   {@link DATASET_SCAN_DAYS} days old. The scan, or a hunt through the whole dataset, is also newer than lists that
 *   its workspace has had for {@link DATASET_LISTS_DAYS} days.
 * - `guards-report`: at least one guard reports; every guard that should report does so, accepts calls and has real
 *   lists.
 * - `lists-live`: an index with a list other than test cards is live.
 * - `nothing-overdue`: no case is undecided or unfiled past its deadline.
 */
export const CONDITION_IDS = ["every-dataset-scanned", "guards-report", "lists-live", "nothing-overdue"] as const
/** Id of a condition. */
export type ConditionId = (typeof CONDITION_IDS)[number]

/** Largest age of a dataset's newest scan, days. */
export const DATASET_SCAN_DAYS = 180
/** Days that newer lists of its workspace may exist before a dataset must be scanned again. */
export const DATASET_LISTS_DAYS = 30

/** A control: a repeated activity that keeps a commitment. */
export interface Control {
  /** Unique in the registry. */
  readonly id: string
  /** The activity, in a few plain words. */
  readonly title: string
  /** Whether the commitment depends on it. */
  readonly essential: boolean
  /**
   * `recorded`: this installation records its evidence. `unrecorded`: Nightlight does it, but this installation has no
   * record of it. `none-yet`: Nightlight does not do it yet.
   */
  readonly availability: "recorded" | "unrecorded" | "none-yet"
  /** Events that prove it; one is enough. */
  readonly evidence: readonly ControlEvidence[]
  /** A condition that must also hold now. Without events, the condition alone proves the control. */
  readonly condition?: ConditionId
  /** Largest age of the newest evidence, days. */
  readonly freshDays: number
}

/** A commitment with its controls. */
export interface Commitment {
  readonly id: CommitmentId
  readonly stage: CommitmentStage
  /** A paraphrase, one line. */
  readonly title: string
  /** At least one is essential. */
  readonly controls: readonly Control[]
}

const QUARTER_DAYS = 90
const YEAR_DAYS = 365

/** A control with recorded evidence; `days`: largest age of the newest evidence. */
function control(id: string, title: string, days: number, ...evidence: readonly ControlEvidence[]): Control {
  return { id, title, essential: false, availability: "recorded", evidence, freshDays: days }
}

/** A control that the present state proves. */
function current(id: string, title: string, condition: ConditionId): Control {
  return { id, title, essential: false, availability: "recorded", evidence: [], condition, freshDays: 1 }
}

/** A control that Nightlight has but that leaves no record in this installation. */
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

/** The control, proven only while a condition also holds. */
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
          control("dataset-scan", "Every dataset on record was scanned with current lists", DATASET_SCAN_DAYS, SCANNED),
        ),
      ),
      control("hunt", "Scanned datasets are matched against new hashes", QUARTER_DAYS, HUNTED),
      noneYet("provenance-of-sources", "The sources of training data are on record"),
    ],
  },
  {
    id: "D2",
    stage: "develop",
    title: "Stress-test models repeatedly, and act on the findings",
    controls: [
      essential(noneYet("stress-test", "Models are stress-tested lawfully")),
      noneYet("regression-gate", "A release requires a passed stress test"),
    ],
  },
  {
    id: "D3",
    stage: "develop",
    title: "Prepare for misuse by adversaries: generated content can be recognised as generated",
    controls: [
      essential(noneYet("output-provenance", "Outputs carry provenance that survives removal attempts")),
      current("guard-in-front", "A guard stands between callers and models", "guards-report"),
      unrecorded("conformance", "The guard is tested against known bypasses"),
      control("probe-alarms", "Callers who probe a check for bypasses are noticed", YEAR_DAYS, {
        type: "alarm.raised",
        where: { code: "screen-probing" },
      }),
    ],
  },
  {
    id: "P1",
    stage: "deploy",
    title: "Detect, answer and prevent abusive content and conduct",
    controls: [
      essential(current("guard", "Every guard that should screen prompts and outputs does so now", "guards-report")),
      control("uploads", "Uploads are screened before they are shown", QUARTER_DAYS, SCREENED),
      unrecorded("guard-ladder", "Accounts that a guard blocks repeatedly are warned, slowed and suspended"),
      essential(noneYet("enforcement", "Accounts that abuse a service are held to account, and can appeal")),
      control("policies", "What is blocked is set by policies that two people activate", YEAR_DAYS, {
        type: "policy.activated",
      }),
      noneYet("prevention-messages", "People who seek abuse material are shown where to find help"),
      noneYet("user-flags", "Users can report what they see"),
    ],
  },
  {
    id: "P2",
    stage: "deploy",
    title: "Make developers responsible for safety from the design on",
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
      control("ai-generated-items", "AI-generated material is identified and reported as such", YEAR_DAYS, {
        type: "item.judged",
        where: { included: true, annotations: ["generativeAi"] },
        exceptTestCases: true,
      }),
    ],
  },
  {
    id: "M2",
    stage: "maintain",
    title: "Invest in research and in future solutions",
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
        "A second person reviews a share of decisions independently",
        QUARTER_DAYS,
        ...SECOND_REVIEWS,
      ),
      control(
        "false-positives",
        "Wrong matches are reported as false positives, so that lists are corrected",
        YEAR_DAYS,
        {
          type: "false-positive.opened",
        },
      ),
      noneYet("canaries", "Recall of each detector is measured with harmless test cards"),
    ],
  },
  {
    id: "M3",
    stage: "maintain",
    title: "Fight abuse material, AI-generated or not, on one's own platforms",
    controls: [
      essential(
        whileTrue(
          "lists-live",
          control(
            "known-content-matching",
            "Incoming content is matched against hash lists",
            QUARTER_DAYS,
            { type: "finding.verified", where: { testOnly: false } },
            SCREENED,
          ),
        ),
      ),
      essential(
        whileTrue(
          "nothing-overdue",
          control("human-review", "Trained people decide on findings in time", QUARTER_DAYS, DECIDED),
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
    title: "Restrict services that are not for children to people who are old enough",
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
        "Evidence is kept only as long as law and requests require",
        YEAR_DAYS,
        {
          type: "preservation.locked",
        },
        { type: "hold.placed" },
      ),
      control("law-enforcement-requests", "Requests from authorities are recorded and answered", YEAR_DAYS, {
        type: "request.opened",
      }),
      control("referrals", "Cases for another country's authority are referred to it", YEAR_DAYS, {
        type: "case.referred",
      }),
    ],
  },
  {
    id: "A3",
    stage: "across",
    title: "Publish progress every year",
    controls: [
      essential(noneYet("progress-report", "A yearly report whose every number can be recomputed")),
      control("log-verified", "The log behind the numbers is verified", QUARTER_DAYS, {
        type: "audit.verified",
        where: { ok: true },
      }),
    ],
  },
]
