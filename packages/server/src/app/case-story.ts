/**
 * The story of a case, from a finding that a source pushes to a closed report and destroyed evidence: each step with
 * the room and file that does it and the events that it records. `docs/guides` describe it for readers; a test compares
 * it with the code.
 * @module
 */

/** A step of a case's life: where its code is, and which events it records. */
export interface CaseStep {
  /** Description of the step, one sentence. */
  readonly step: string
  readonly room: "intake" | "casework" | "filing" | "oversight"
  /** Path within the room. */
  readonly file: string
  /** Types of the events that it records; more than one where people may decide differently. */
  readonly events: readonly string[]
}

/**
 * The steps in their order. Those between the first decision and the draft happen only where the policy requires them.
 */
export const CASE_STORY: readonly CaseStep[] = [
  {
    step: "A source pushes signed findings, and the sealed files that the server lacks.",
    room: "intake",
    file: "findings/service.ts",
    events: ["findings.received", "evidence.received"],
  },
  {
    step: "A worker checks each finding against its evidence and the server's own lists.",
    room: "intake",
    file: "findings/verify-finding.ts",
    events: ["finding.verified", "finding.denied"],
  },
  {
    step: "What is new becomes an item of a case: one that is open for the same account or dataset, or a new one.",
    room: "casework",
    file: "cases/items/attach.ts",
    events: ["case.opened"],
  },
  {
    step: "Preservation follows the evidence, and its review deadline runs.",
    room: "filing",
    file: "preservation/follow-evidence.ts",
    events: ["preservation.followed"],
  },
  {
    step: "A reviewer claims the case; nobody else decides it meanwhile.",
    room: "casework",
    file: "cases/claims/claims.ts",
    events: ["case.claimed", "case.released"],
  },
  {
    step: "If the case needs a viewing, the reviewer requests one with a reason; it is counted, and the custodian shows the item.",
    room: "casework",
    file: "viewings/service.ts",
    events: [],
  },
  {
    step: "The reviewer decides, with a legal basis, or that it is not reportable, or no violation; there is time to undo.",
    room: "casework",
    file: "review/decide.ts",
    events: ["case.decision-given"],
  },
  {
    step: "The decision settles, or a second person gives an opinion without seeing the first.",
    room: "casework",
    file: "review/settle.ts",
    events: ["case.decided", "case.second-review-requested"],
  },
  {
    step: "What was cleared is destroyed within seven days.",
    room: "filing",
    file: "preservation/service.ts",
    events: ["preservation.cleared"],
  },
  {
    step: "A reporter prepares a report from recorded facts, and proposes it.",
    room: "filing",
    file: "reports/service.ts",
    events: ["report.drafted", "report.proposed"],
  },
  {
    step: "A second, independent person approves it and proves that to the custodian.",
    room: "filing",
    file: "reports/service.ts",
    events: ["report.approved"],
  },
  {
    step: "A worker files it through the custodian, each call recorded before and after it is made.",
    room: "filing",
    file: "reports/filing/file-report.ts",
    events: ["report.held"],
  },
  {
    step: "The report is finished; with a production report the year's lock on the evidence starts, and the case is closed.",
    room: "filing",
    file: "reports/filing/finish.ts",
    events: ["report.finished"],
  },
  {
    step: "After the year, holds apart, the evidence is destroyed with a receipt.",
    room: "filing",
    file: "preservation/destroy.ts",
    events: ["evidence.destroyed"],
  },
]
