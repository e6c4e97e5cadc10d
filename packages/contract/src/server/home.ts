/**
 * The home screen over HTTP: what needs the caller now, what waits, how the installation is. Each part is there only if
 * the caller holds its permission; a part that is absent says nothing about what it would hold.
 * @module
 */
import { DECODING_STATES, ISOLATIONS } from "@nightlight/core"
import { z } from "zod"
import { Timestamp } from "../screening.ts"
import { CommitmentCounts } from "./commitments.ts"
import { DangerCall, HomeDanger, OnCall } from "./danger.ts"

const Count = z.int().nonnegative()

const Decoding = z.strictObject({
  isolation: z.enum([...ISOLATIONS, "unknown"]),
  /** What follows: see `DECODING_STATES`. */
  state: z.enum(DECODING_STATES),
})

/** Most entries of {@link HomeView}'s `due`. */
export const HOME_DUE_MAX = 50

/** Most entries of {@link HomeView}'s `danger`. */
export const HOME_DANGER_MAX = 20

/** How many days before it ends a training is due to be renewed. */
export const TRAINING_NOTICE_DAYS = 30

/** How old the as-of date of a list may be, days. */
export const LIST_OLD_DAYS = 30

/**
 * What an entry is about, with what its `id` names and its codes:
 *
 * - `case`, `second-review`, `resolution` (a case that the caller may decide, and did not decide before): `danger`
 *   (somebody may be harmed now), `claimed` by the caller, `due` (a deadline counts), `waiting` (none does).
 * - `report` (a case): `to-prepare`: decided as reportable, and no report of it stands. (A report): `draft` of the
 *   caller's; `held`: filing stopped; `to-approve`: proposed by somebody whose second the caller may be;
 *   `to-review-afterwards`: filed by one person or by none.
 * - `act` (an action): its kind, such as `role.grant`; the caller may be its approver. `dueAt`: when it expires.
 * - `alarm` (an alarm): its code; `about`: id of what it is about; `count`: how often it was raised.
 * - `request` (a request of an authority): its kind, such as `legal-process`.
 * - `break-glass` (a request by the host): `reset`, `administrator`; `dueAt`: when it opens unless cancelled.
 * - `training` (a person): `missing`, `lapsed`, `renews` (within {@link TRAINING_NOTICE_DAYS} days); one's own, and for
 *   who manages staff everybody's.
 * - `list` (a hash list's name): `old`: its as-of date is older than {@link LIST_OLD_DAYS} days; since when it is.
 * - `task` (a task): its kind; `about`: id of what a machine could not do.
 */
export const DueKind = z.enum([
  "case",
  "second-review",
  "resolution",
  "report",
  "approval",
  "alarm",
  "request",
  "break-glass",
  "training",
  "list",
  "task",
])

/** One thing that needs the caller. */
export const DueItem = z.strictObject({
  kind: DueKind,
  /** What it is about: to be opened by this. */
  id: z.string(),
  code: z.string(),
  /** Of an alarm or a task: id of the case, report, person, source or part that it is about. */
  about: z.string().exactOptional(),
  /** By when; absent where nothing says. In the past: overdue. */
  dueAt: Timestamp.exactOptional(),
  /** Since when it waits. */
  sinceAt: Timestamp,
  count: Count.exactOptional(),
})
export type DueItem = z.infer<typeof DueItem>

/** Totals over everything that waits, whoever may do it; each only for who may read the things themselves. */
export const HomeWaiting = z.strictObject({
  /** `case:read`. */
  cases: z
    .strictObject({
      /** Undecided and not settling: all that somebody must still decide. */
      waiting: Count,
      open: Count,
      secondReview: Count,
      resolution: Count,
      /** Undecided or unfiled, past the deadline. */
      overdue: Count,
      /** Nearest deadline that counts, maybe past. */
      nextDueAt: Timestamp.exactOptional(),
      claimedByMe: Count,
    })
    .exactOptional(),
  /** `report:read`. */
  reports: z
    .strictObject({
      /** Cases decided as reportable of which no report stands, at the host that reports go to now. */
      toPrepare: Count,
      draft: Count,
      proposed: Count,
      /** Approved: being filed. */
      filing: Count,
      held: Count,
    })
    .exactOptional(),
  /** `act:read`: actions that wait and concern the caller; `mayApprove` of them by the caller. */
  approvals: z.strictObject({ waiting: Count, mayApprove: Count }).exactOptional(),
  /** `alarm:read`: that nobody acknowledged; at most 200 are counted. */
  alarms: z.strictObject({ open: Count }).exactOptional(),
  /** `request:read`: open requests of authorities; at most 500 are counted. */
  requests: z.strictObject({ open: Count, overdue: Count }).exactOptional(),
  /** `operations:read`: what a machine could not do; at most 200 are counted. */
  tasks: z.strictObject({ open: Count }).exactOptional(),
})

/** How each part of the installation is. `unknown` is said wherever nothing tells. */
export const HomeHealth = z.strictObject({
  /** It answered this call. */
  server: z.literal("running"),
  database: z.enum(["ready", "unreachable", "not-migrated"]),
  worker: z.strictObject({
    /** `silent`: none runs that has given a sign within 30 seconds; `none`: none ran here within a week. */
    state: z.enum(["running", "silent", "none", "unknown"]),
    seenAt: Timestamp.exactOptional(),
  }),
  custodian: z.enum(["ready", "locked", "no-key", "unreachable"]),
  custody: z.enum(["separated", "shared", "unknown"]),
  /** How far what decodes media is kept from everything else, in the server and in the custodian. */
  decoding: z.strictObject({ server: Decoding, custodian: Decoding }),
  lists: z.strictObject({
    /** `test-only`: nothing but test cards; `refused`: what lies there did not pass its checks; `none`: nothing is live. */
    state: z.enum(["live", "test-only", "refused", "none"]),
    /** Version of the live index. */
    version: z.int().positive().exactOptional(),
    /** Lists in it, those of test cards left out. */
    lists: Count.exactOptional(),
    /** Oldest as-of date among them, as their sources gave it: `2026-03-02` or a time. */
    oldestAsOf: z.string().exactOptional(),
    /** Those whose source gave no as-of date. */
    withoutAsOf: Count.exactOptional(),
  }),
  guards: z.strictObject({
    /**
     * The gravest of all: `silent`: at least one that should report does not; `unready`: one that reports takes no calls;
     * `none`: no guard reports, or those that did were stopped on purpose.
     */
    state: z.enum(["reporting", "unready", "silent", "none", "unknown"]),
    /** Guards that report in time, those that take no calls among them. */
    reporting: Count.exactOptional(),
    unready: Count.exactOptional(),
    silent: Count.exactOptional(),
    /** Newest sign of any. */
    seenAt: Timestamp.exactOptional(),
  }),
  filing: z.strictObject({
    /** Which host reports go to. */
    environment: z.enum(["test", "production"]),
    paused: z.boolean(),
    why: z.enum(["restored", "custody-shared", "decoder-not-isolated"]).exactOptional(),
  }),
  pager: z.strictObject({
    /** `none`: nobody is called when a child may be in danger now. */
    state: OnCall.shape.pager,
    /** What became of the last call. */
    last: DangerCall.exactOptional(),
  }),
  /** The log's signing. */
  log: z.strictObject({
    /** Events behind the last checkpoint. */
    unsigned: Count,
    /** When the last checkpoint was signed; absent where none was. */
    signedAt: Timestamp.exactOptional(),
  }),
  /** Where the log's checkpoints are copied to, in the order of the configuration. */
  checkpointCopies: z.array(
    z.strictObject({
      /** As the configuration names it. */
      place: z.string(),
      /** `behind`: what waits was signed more than 5 minutes ago; `failing`: the last try did not succeed. */
      state: z.enum(["current", "behind", "failing"]),
      /** Checkpoints that do not lie there yet. */
      waiting: Count,
      /** When the oldest of them was signed. */
      waitingSince: Timestamp.exactOptional(),
      copiedAt: Timestamp.exactOptional(),
      failingSince: Timestamp.exactOptional(),
      /** Why the last try did not succeed: a code. */
      fault: z.string().exactOptional(),
    }),
  ),
  backup: z.strictObject({
    /** `unknown`: `nightlight backup` made none; another server's backups are told to nobody. */
    state: z.enum(["known", "unknown"]),
    at: Timestamp.exactOptional(),
    /** When one was last restored on trial. */
    drilledAt: Timestamp.exactOptional(),
  }),
  restore: z.strictObject({
    /** Whether the database was restored and not all is reconciled: keys, sources and most people are suspended. */
    open: z.boolean(),
    restoredAt: Timestamp.exactOptional(),
  }),
})

/**
 * What the installation still lacks before it can find, decide and report. `unknown`: nothing tells the server.
 * `administrators`: two have joined; `reviewers`: one at least is trained; `reporters`: one reporter, and a second person
 * who approves; `custodian`: its key was made; `enrolled`: two people are enrolled with it; `lists`: one that is no list of
 * test cards is live; `source`: one at least may push; `organisation`: the configuration says who reports.
 */
export const HomeSetup = z.strictObject({
  steps: z.array(
    z.strictObject({
      code: z.enum([
        "administrators",
        "reviewers",
        "reporters",
        "custodian",
        "enrolled",
        "lists",
        "source",
        "organisation",
        "pager",
        "backup",
      ]),
      state: z.enum(["done", "open", "unknown"]),
    }),
  ),
})

/** `GET /v1/home` answer. */
export const HomeView = z.strictObject({
  at: Timestamp,
  /**
   * Cases in which a child may be in danger now, flagged longest ago first, whoever works on them: until each is decided
   * and its alarm was seen. `case:read` or `alarm:read`.
   */
  danger: z.array(HomeDanger).max(HOME_DANGER_MAX),
  /** Who is called, and whom to telephone. `case:read` or `alarm:read`. */
  onCall: OnCall.exactOptional(),
  /** `health:read`; absent once nothing that is known is open. */
  setup: HomeSetup.exactOptional(),
  /**
   * What needs the caller, at most {@link HOME_DUE_MAX}: imminent danger, then what has a deadline by deadline, then the
   * rest, cases last, longest waiting first. There for everybody who is signed in; it holds only what the caller may do.
   */
  due: z.array(DueItem).max(HOME_DUE_MAX),
  /** Whether more would need the caller than `due` shows. */
  dueMore: z.boolean(),
  waiting: HomeWaiting,
  /** `health:read`. */
  health: HomeHealth.exactOptional(),
  /** `commitment:read`. */
  commitments: CommitmentCounts.exactOptional(),
})
export type HomeView = z.infer<typeof HomeView>
