/**
 * The story of a case, from a finding that a source pushes to a closed report and destroyed evidence: each step with
 * the room and files that do it and the events that they record. `docs/guides` describe it for readers; a test compares
 * it with the code.
 * @module
 */

/** A step of a case's life: where its code is, and which events it records. */
export interface CaseStep {
  /** Description of the step, one sentence. */
  readonly step: string
  readonly room: "intake" | "casework" | "filing" | "oversight"
  /** Paths within the room; between them they record all of the step's events. */
  readonly files: readonly string[]
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
    files: ["findings/service.ts", "findings/ingest-batch.ts", "findings/ingest-own.ts"],
    events: ["findings.received", "evidence.received"],
  },
  {
    step: "A worker checks each finding against its evidence and the server's own lists.",
    room: "intake",
    files: ["findings/verify-finding.ts"],
    events: ["finding.verified", "finding.denied"],
  },
  {
    step: "What is new becomes an item of a case: one that is open for the same account or dataset, or a new one.",
    room: "casework",
    files: ["cases/items/attach.ts"],
    events: ["case.opened"],
  },
  {
    step: "Preservation follows the evidence, and its review deadline runs.",
    room: "filing",
    files: ["preservation/follow-evidence.ts"],
    events: ["preservation.followed"],
  },
  {
    step: "A reviewer claims the case; nobody else decides it meanwhile.",
    room: "casework",
    files: ["cases/claims/claims.ts"],
    events: ["case.claimed", "case.released"],
  },
  {
    step: "If the case needs a viewing, the reviewer requests one with a reason; it is counted, and the custodian shows the item.",
    room: "casework",
    files: ["viewings/service.ts"],
    events: ["viewing.shown", "viewing.attested"],
  },
  {
    step: "The reviewer decides, with a legal basis, or that it is not reportable, or no violation; there is time to undo.",
    room: "casework",
    files: ["review/decide.ts"],
    events: ["case.decision-given"],
  },
  {
    step: "The decision settles, or a second person gives an opinion without seeing the first.",
    room: "casework",
    files: ["review/settle.ts"],
    events: ["case.decided", "case.second-review-requested"],
  },
  {
    step: "What was cleared is destroyed within seven days.",
    room: "filing",
    files: ["preservation/service.ts"],
    events: ["preservation.cleared"],
  },
  {
    step: "A reporter prepares a report from recorded facts, and proposes it.",
    room: "filing",
    files: ["reports/draft/write-draft.ts", "reports/approval/approve.ts"],
    events: ["report.drafted", "report.proposed"],
  },
  {
    step: "A second, independent person approves it and proves that to the custodian.",
    room: "filing",
    files: ["reports/approval/approve.ts"],
    events: ["report.approved"],
  },
  {
    step: "A worker files it through the custodian, each call recorded before and after it is made.",
    room: "filing",
    files: ["reports/filing/file-report.ts", "reports/filing/finish.ts"],
    events: ["report.held"],
  },
  {
    step: "The report is finished; with a production report the year's lock on the evidence starts, and the case is closed.",
    room: "filing",
    files: ["reports/filing/finish.ts"],
    events: ["report.finished"],
  },
  {
    step: "After the year, holds apart, the evidence is destroyed with a receipt.",
    room: "filing",
    files: ["preservation/destroy.ts"],
    events: ["evidence.destroyed"],
  },
]
