import type { AlarmCode } from "@nightlight/contract/server"
import { danger } from "./danger.ts"

/** What every alarm says. */
const ALARMS: Readonly<Record<AlarmCode, string>> = {
  "automatic-entry-stopped": "Automatic filing stopped for a list entry: it matched too many items",
  "automatic-filing-ended": "Automatic filing has ended: reports wait for people again",
  "break-glass-asked": "The host asked for a way back in: cancel it unless it is right",
  "break-glass-opened": "The host's way back in was opened",
  "bulk-reading": "Somebody opened the context of very many items within an hour",
  "case-counts-differ": "A kept count of cases differed from counting anew, and was mended",
  "case-deadline": "A case's deadline is near, and no report is filed",
  "clock-jumped": "The clock looks wrong: nothing is destroyed until somebody confirms it",
  "custody-shared": "The custodian shares the server's user: filing to production is paused",
  "evidence-conflict": "A source sent two different sealed files as one",
  "finding-refused": "A finding was refused: its sealed file does not open or is not what it says",
  "findings-refused": "Findings of a source were refused: they are not in the agreed form",
  "imminent-danger": danger.flag,
  "joining-code-guessed": "Somebody with a link to join by tried wrong codes: make another link",
  "kept-key-files":
    "Production reports may be signed by kept keys, without a gesture: see passkeys.require in custodian.yaml",
  "list-index-refused": "New hash lists did not pass their checks: the ones before stay live",
  "log-differs": "The log is not as it was signed: verify it under Audit",
  "row-untrusted": "A row of the database was changed by somebody without the service's key: verify under Audit",
  "match-denied": "A source says that an item matched; this server's lists do not",
  "nothing-matched": "A finding matched nothing when it was checked again here",
  "pager-failed": `${danger.flag}: no pager took the call at first, see whether one has since`,
  "repeat-views": "Somebody looked at one item again and again",
  "report-held": "Filing of a report stopped",
  "scan-refused": "A source's account of a scan, a hunt or a purge was refused",
  "screen-probing": "A key asks about many variants of one item: somebody may be probing the lists",
  "passkey-counter": "A passkey's counter went back: somebody may hold a copy of it",
  "sign-in-failures": "Many failed attempts to sign in",
  "sign-in-odd-hour": "Somebody signed in at an hour that is unusual for them",
  "sole-review-due": "A report filed without a second person must be reviewed",
  "sole-review-overdue": "A report filed without a second person should have been reviewed by now",
}

/** Words of the home page. */
export const home = {
  title: "Home",
  sentence: {
    nothing: "Nothing needs you now.",
    danger: (n: number) => (n === 1 ? danger.flag : `In ${n} cases a child may be in danger now`),
    setup: (open: number, all: number) =>
      `set-up is not finished: ${open} of ${all} steps ${open === 1 ? "is" : "are"} left`,
    needs: (n: number) => `${n} ${n === 1 ? "thing needs" : "things need"} you`,
    firstDue: (words: string) => `the first is ${words}`,
    cases: (n: number) => `${n} ${n === 1 ? "case waits" : "cases wait"}`,
    overdue: (n: number) => `${n} overdue`,
    actsOfOthers: (n: number) => `${n} ${n === 1 ? "act waits" : "acts wait"} for another person's answer`,
    commitments: (all: number, met: number) =>
      met === all ? `all ${all} commitments are met` : `${met} of ${all} commitments are met`,
  },
  due: {
    title: "What needs you now",
    empty: "Nothing waits for you. New things appear by themselves.",
    more: "There is more; what is due first stands here.",
    all: (n: number) => `Show all ${n}`,
    kinds: {
      case: "Case",
      "second-review": "Second review",
      resolution: "Disagreement",
      report: "Report",
      act: "Act of two people",
      alarm: "Alarm",
      request: "Request of an authority",
      "break-glass": "Way back in, asked for by the host",
      training: "Training",
      list: "Hash list",
      task: "Task",
    },
    /** What each entry is, in a sentence. */
    codes: {
      case: {
        danger: `${danger.flag}: decide this first`,
        claimed: "You hold this case",
        due: "A case to decide",
        waiting: "A case to decide",
      },
      "second-review": {
        danger: `${danger.flag}: decide this again first`,
        claimed: "You hold this second review",
        due: "A case to decide a second time",
        waiting: "A case to decide a second time",
      },
      resolution: {
        danger: `${danger.flag}: resolve this first`,
        claimed: "You hold this disagreement",
        due: "Two decisions differ: resolve them",
        waiting: "Two decisions differ: resolve them",
      },
      report: {
        "to-prepare": "Decided as reportable: prepare the report",
        draft: "Your draft of a report: finish and sign it",
        held: "Filing stopped: see why, and resume it",
        "to-approve": "Signed by its preparer: read it, then approve or decline",
        "to-review-afterwards": "Filed without a second person: review it now",
      },
      act: {
        "role.grant": "Somebody is to get a role: approve or decline",
        "credentials.reset": "Somebody's sign-in is to be reset: approve or decline",
        "report.by-hand": "A report was filed by hand: check its number, then approve or decline",
        "report.automate": "Reports are to be filed without a person: approve or decline",
        "evidence.destroy": "Evidence is to be destroyed: approve or decline",
        "evidence.export": "Evidence is to be disclosed: approve or decline",
        "policy.activate": "A policy is to decide from now on: approve or decline",
        "policy.roll-back": "The policy before is to decide again: approve or decline",
        "list.false-positive": "A list's match is to be passed over: approve or decline",
      },
      alarm: ALARMS,
      request: {
        "legal-process": "Legal process: answer it, or link its cases",
        "preservation-2703f": "A request to keep evidence: place the hold",
        destruction: "A request to destroy evidence: ask for it, or decline",
        ncmec: "NCMEC asks for something: answer it",
      },
      "break-glass": {
        reset: "The host asks for new credentials for a person: cancel it unless it is right",
        administrator: "The host asks for a new administrator: cancel it unless it is right",
      },
      training: {
        missing: "No date of a training is recorded: until one is, nothing can be decided",
        lapsed: "The training has lapsed: until it is renewed, nothing can be decided",
        renews: "The training is due for renewal",
      },
      list: { old: "Its source has said nothing new for long: refresh it" },
      task: {
        "job-failed": "A job failed for good: see to it, then close it",
        "filing-differs": "After the restore, a filing is not as it was: compare it before filing goes on",
      },
    } as Readonly<Record<string, Readonly<Record<string, string>>>>,
    /** An entry of a kind that has no sentence yet. */
    other: (code: string) => `Something that this page has no words for (${code})`,
    many: {
      case: (n: string) => `${n} cases to decide`,
      "second-review": (n: string) => `${n} cases to decide a second time`,
      resolution: (n: string) => `${n} disagreements to resolve`,
    },
    manyHint: "the first to work on comes first",
    atLeast: (n: number) => `${n} or more`,
    take: "Take the next case",
    times: (n: number) => `${n} times`,
    acknowledge: danger.home.seen,
    seen: (what: string) => `Marked as seen: ${what}.`,
    undo: danger.home.undo,
  },
} as const
