import type { CallView } from "@nightlight/contract/server"

type Contact = CallView["onCall"]["contact"]

/** Says whom to telephone. */
const telephone = (contact: Contact): string =>
  contact === undefined
    ? "No telephone contact is configured. Follow the runbook “A hit”: telephone the police, then counsel."
    : `Telephone: ${contact.name}, ${contact.telephone}.`

/** Words of imminent danger, for every place that shows it: a flag, a case, an alarm, the home page. */
export const danger = {
  flag: "A child may be in danger now",
  first: "Decide this case before any other; its report is marked as urgent.",
  telephone,
  /** State of the call. Only a call that a pager has accepted counts as made. */
  call: {
    none: "No pager is set up: nobody was called.",
    queued: "The call is queued: no pager has accepted it yet.",
    failing: (tries: number) =>
      `No pager has accepted the call: ${tries} ${tries === 1 ? "attempt" : "attempts"} failed. It is tried again.`,
    accepted: (at: string) => `Accepted by the pager at ${at}.`,
    loading: "Checking whether anybody was called.",
    unknown: "It is not known whether anybody was called: telephone.",
  },
  ask: {
    title: "Flag that a child may be in danger now?",
    set: "The alarm is raised, and the pager is called as soon as you confirm; this page shows when the pager accepts the call. You cannot undo this.",
    none: "The alarm is raised. No pager is set up: confirming calls nobody. You cannot undo this.",
    loading: "The alarm is raised. You cannot undo this.",
    yes: "Flag it",
  },
  home: {
    nobody: "Nobody works on it.",
    holder: "works on it until",
    seenBy: "Seen by",
    seen: "Mark as seen",
    undo: "Undo",
    since: "Flagged",
    states: {
      open: "waits to be decided",
      settling: "decided just now",
      "second-review": "waits for a second decision",
      resolution: "waits to be resolved",
      decided: "decided",
    },
  },
} as const
