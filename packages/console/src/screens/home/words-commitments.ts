import type { CommitmentGap, ShareOf as Share } from "@nightlight/contract/server"

type ConditionId = NonNullable<CommitmentGap["condition"]>

/** Words of the table of commitments. */
export const commitments = {
  title: "The commitments",
  lead: "Safety by Design for generative AI: eleven commitments. A commitment is met when the log and the present state prove every essential control.",
  states: { met: "met", partly: "partly met", "not-met": "not met", "not-applicable": "not applicable" },
  shares: (essential: Share, all: Share) =>
    `${essential.met} of ${essential.of} essential ${essential.of === 1 ? "control" : "controls"}; ${all.met} of ${all.of} in all`,
  notApplicable: (reason: string) => `by configuration: ${reason}`,
  columns: {
    id: "",
    commitment: "Commitment",
    state: "State",
    evidence: "Newest evidence",
    gap: "What is missing",
  },
  evidence: (control: string, count: number) => `${control}, ${count} within a year`,
  holdsNow: (control: string) => `${control}, in the present state`,
  none: "none yet",
  noGap: "nothing",
  gaps: {
    "none-yet": (control: string) => `${control}: Nightlight has no such control yet`,
    unrecorded: (control: string) =>
      `${control}: Nightlight has this control, but no record of it reaches this installation`,
    "no-evidence": (control: string) => `${control}: nothing has proven it here so far`,
    "not-now": (control: string, now: string) => `${control}: ${now}`,
    stale: (control: string, age: number, allowed: number) =>
      `${control}: proven ${age} days ago, ${allowed} are allowed`,
  },
  /** Conditions that must hold now, for those that do not. */
  now: {
    "every-dataset-scanned": (share) =>
      share === undefined ? "no dataset is on record" : `${share.met} of ${share.of} datasets on record are`,
    "guards-report": (share) =>
      share === undefined ? "no guard reports" : `${share.met} of ${share.of} guards are ready and have real lists`,
    "lists-live": () => "no list other than test cards is live now",
    "nothing-overdue": (share) =>
      share === undefined ? "not known now" : `${share.of} ${share.of === 1 ? "case is" : "cases are"} overdue now`,
  } satisfies Record<ConditionId, (share: Share | undefined) => string>,
} as const
