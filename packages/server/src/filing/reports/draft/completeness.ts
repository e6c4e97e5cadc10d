/**
 * How actionable a report is, and what would make it more so.
 *
 * Weights follow what the Stanford Internet Observatory (2024) found that investigators need: who, by which upload
 * address and port at what time, the file or conversation itself, a true view flag, the incident's time and its
 * meaning, a victim or a place, a contact who answers. They order hints and are no legal standard.
 * @module
 */
import type { ReportContent } from "../types.ts"
import { isMatchSummary } from "./matched.ts"

/** Something that a report has or lacks. */
export interface CompletenessItem {
  readonly code: string
  /** Share of the score, of 100 over all applicable items. */
  readonly weight: number
  readonly present: boolean
  /** Whether the report's kind could have it at all: a dataset has no account. */
  readonly applies: boolean
}

/** A report's score. */
export interface Completeness {
  /** 0 to 100: the weight of the items that are present among those that apply. */
  readonly score: number
  readonly items: readonly CompletenessItem[]
}

interface Rule {
  readonly code: string
  readonly weight: number
  readonly applies?: (content: ReportContent) => boolean
  readonly present: (content: ReportContent) => boolean
}

const hasAccount = ({ document }: ReportContent) => (document.personOrUserReported ?? []).length > 0
const isDataset = ({ document }: ReportContent) =>
  (document.internetDetails ?? []).some((details) => "webPageIncident" in details)

const RULES: readonly Rule[] = [
  {
    code: "person-identified",
    weight: 20,
    applies: (content) => !isDataset(content) || hasAccount(content),
    present: ({ document }) =>
      (document.personOrUserReported ?? []).some(
        ({ espIdentifier, screenName, personOrUserReportedPerson: person }) =>
          espIdentifier !== undefined || screenName !== undefined || (person?.email ?? []).length > 0,
      ),
  },
  {
    code: "upload-address",
    weight: 15,
    applies: (content) => !isDataset(content) || hasAccount(content),
    present: ({ document, files }) =>
      files.some(({ details }) => details.ipCaptureEvent?.dateTime !== undefined) ||
      (document.personOrUserReported ?? []).some(({ ipCaptureEvent }) =>
        (ipCaptureEvent ?? []).some(({ eventName, dateTime }) => eventName === "Upload" && dateTime !== undefined),
      ),
  },
  {
    code: "content-itself",
    weight: 20,
    present: ({ document, files }) =>
      files.length > 0 ||
      (document.internetDetails ?? []).some(
        (details) => "chatImIncident" in details && details.chatImIncident?.content !== undefined,
      ),
  },
  {
    code: "source-address",
    weight: 15,
    applies: isDataset,
    present: ({ document, files }) =>
      files.some(({ details }) => details.locationOfFile !== undefined) ||
      (document.internetDetails ?? []).some(
        (details) => "webPageIncident" in details && (details.webPageIncident?.url ?? []).length > 0,
      ),
  },
  {
    code: "view-stated",
    weight: 8,
    applies: ({ files }) => files.length > 0,
    present: ({ files }) => files.every(({ details }) => details.fileViewedByEsp !== undefined),
  },
  {
    code: "classified",
    weight: 7,
    applies: ({ files }) => files.length > 0,
    present: ({ files }) => files.every(({ details }) => details.industryClassification !== undefined),
  },
  {
    code: "time-explained",
    weight: 8,
    present: ({ document }) => document.incidentSummary.incidentDateTimeDescription !== undefined,
  },
  {
    code: "original-digests",
    weight: 5,
    applies: ({ files }) => files.length > 0,
    present: ({ files }) => files.every(({ details }) => (details.originalFileHash ?? []).length > 0),
  },
  {
    code: "victim-or-place",
    weight: 7,
    applies: hasAccount,
    present: ({ document }) =>
      (document.victim ?? []).length > 0 ||
      (document.personOrUserReported ?? []).some(({ estimatedLocation }) => estimatedLocation !== undefined),
  },
  {
    code: "context",
    weight: 5,
    present: ({ document }) =>
      (document.additionalInfo ?? "").split("\n").some((line) => line.trim() !== "" && !isMatchSummary(line)),
  },
  {
    code: "contact",
    weight: 5,
    present: ({ document }) => document.reporter.contactPerson !== undefined,
  },
]

/** Scores a report. It may be filed at any score: an incomplete report in time is worth more than none. */
export function scoreCompleteness(content: ReportContent): Completeness {
  const items = RULES.map(({ code, weight, applies, present }) => ({
    code,
    weight,
    applies: applies?.(content) ?? true,
    present: present(content),
  }))
  const applying = items.filter((item) => item.applies)
  const sum = (of: readonly CompletenessItem[]) => of.reduce((total, { weight }) => total + weight, 0)
  return { score: Math.round((100 * sum(applying.filter((item) => item.present))) / sum(applying)), items }
}
