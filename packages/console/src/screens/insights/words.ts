/** Words of the insights page. */
export const insights = {
  title: "Insights",
  lead: "Counts over time, about no single person. Each number can be counted again from the log; test cards and reports to the test host are left out.",
  period: {
    label: "Period",
    days: { "7": "7 days", "30": "30 days", "90": "90 days", "365": "a year" } as Readonly<Record<string, string>>,
  },
  counted: "counted",
  per: { day: "by day (UTC)", week: "by week (UTC)" },
  none: "Nothing in this period.",
  volume: {
    title: "Findings received",
    dataset: "datasets",
    account: "accounts",
    direct: "single items",
    words: (total: number, denied: number) =>
      `${total} findings became part of cases; ${denied} more matched nothing on this installation's own lists.`,
  },
  decided: {
    title: "Opened and decided",
    opened: "opened",
    decided: "decided",
    words: (opened: number, decided: number, automatic: number) =>
      `${opened} cases were opened and ${decided} decided${automatic > 0 ? `, ${automatic} of them by filing authorisation` : ""}.`,
  },
  bases: {
    title: "Decisions by basis",
    words: (reportable: number, all: number) => `${reportable} of ${all} were reportable.`,
  },
  ages: {
    title: "Age of open cases",
    buckets: { under1Day: "under a day", days1To3: "1 to 3 days", days3To7: "3 to 7 days", over7Days: "over 7 days" },
    words: (open: number, old: number) => `${open} are open; ${old} of them for more than three days.`,
  },
  time: {
    title: "From opened to decided",
    words: (median: string, p90: string, n: number) =>
      `Half of ${n} cases took less than ${median}, nine of ten less than ${p90}.`,
  },
  lists: {
    title: "Precision of lists",
    lead: "Of the items that matched a list in cases that people decided: how many were a violation. The range is a Wilson interval at 95 %.",
    columns: {
      list: "List",
      precision: "Precision",
      reviewed: "With two reviews",
      reportable: "Reportable",
      policy: "Against the rules",
      not: "Not a violation",
      leftOut: "Left out of a report",
    },
    share: (share: string, low: string, high: string, of: number) => `${share} of ${of} (${low} to ${high})`,
    unknown: "nothing decided yet",
  },
  agreement: {
    title: "Second reviews",
    words: (share: string, low: string, high: string, of: number) =>
      `The two reviewers agreed in ${share} of ${of} second reviews (${low} to ${high}).`,
    none: "No second review has ended in this period.",
    requested: (requested: number, waived: number, resolved: number) =>
      `${requested} were requested, ${waived} waived, ${resolved} resolved by a senior reviewer.`,
    differ: (basis: number, included: number, classification: number) =>
      `They differed ${basis} times in the basis, ${included} in what is reported, ${classification} in the classification.`,
  },
  reports: {
    title: "Reports",
    finished: (n: number, manual: number) => `${n} finished${manual > 0 ? `, ${manual} of them manually` : ""}.`,
    held: (held: number, retracted: number) => `${held} times a report was held; ${retracted} attempts were retracted.`,
    fromDetection: "From the first item's arrival to the finished report",
    fromKnowledge: "From knowledge to the finished report",
    half: (median: string, p90: string) => `half within ${median}, nine of ten within ${p90}`,
    excluded: (n: number) => `${n} reports to the test host are not counted here.`,
    unknown: "no report was finished",
  },
  exposure: {
    title: "Viewings, all people together",
    suppressed:
      "Not shown: at least five people must have had viewings on a day, so that no figure is about one person.",
    words: (viewings: number, minutes: number, originals: number) =>
      `${viewings} viewings, ${minutes} minutes, ${originals} originals.`,
    daysLeftOut: (n: number) => `${n} days with fewer than five people are left out.`,
    viewings: "viewings",
  },
} as const
