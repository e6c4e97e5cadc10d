/**
 * The home screen over HTTP: what needs the caller now, what waits, the state of the installation. Each part is present
 * only if the caller has its permission; an absent part says nothing about its content.
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
  /** The consequence: see `DECODING_STATES`. */
  state: z.enum(DECODING_STATES),
})

/** Maximum number of entries of {@link HomeView}'s `due`. */
export const HOME_DUE_MAX = 50

/** Maximum number of entries of {@link HomeView}'s `danger`. */
export const HOME_DANGER_MAX = 20

/** Days before its end at which a training is due for renewal. */
export const TRAINING_NOTICE_DAYS = 30

/** Age of a list's as-of date at which it counts as old, days. */
export const LIST_OLD_DAYS = 30

/**
 * Kinds of entries, each with the object that its `id` names and with its codes:
 *
 * - `case`, `second-review`, `resolution` (a case that the caller may decide, and did not decide before): `danger`
 *   (somebody may be harmed now), `claimed` by the caller, `due` (a deadline counts), `waiting` (none does).
 * - `report` (a case): `to-prepare`: decided as reportable, and without a report in effect. (A report): the caller's
 *   own `draft`; `held`: filing stopped; `to-approve`: proposed by somebody for whom the caller may approve;
 *   `to-review-afterwards`: filed by one person or by none.
 * - `approval` (an approval): its kind, such as `role.grant`; the caller may approve it. `dueAt`: when it expires.
 * - `alarm` (an alarm): its code; `about`: id of its subject; `count`: how often it was raised.
 * - `request` (a request of an authority): its kind, such as `legal-process`.
 * - `break-glass` (a request by the host): `reset`, `administrator`; `dueAt`: when it opens unless cancelled.
 * - `training` (a person): `missing`, `lapsed`, `renews` (within {@link TRAINING_NOTICE_DAYS} days); one's own, and for
 *   people who manage staff everybody's.
 * - `list` (a hash list's name): `old`: its as-of date is older than {@link LIST_OLD_DAYS} days; with the time since
 *   when.
 * - `task` (a task): its kind; `about`: id of its subject.
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
  /** Id of its subject, by which it is opened. */
  id: z.string(),
  code: z.string(),
  /** For an alarm or a task: id of the case, report, person, source or part that it is about. */
  about: z.string().exactOptional(),
  /** Deadline; absent if there is none. In the past: overdue. */
  dueAt: Timestamp.exactOptional(),
  /** Since when it waits. */
  sinceAt: Timestamp,
  count: Count.exactOptional(),
})
export type DueItem = z.infer<typeof DueItem>

/** Totals of everything that waits, whoever may handle it; each only for people who may read the things themselves. */
export const HomeWaiting = z.strictObject({
  /** `case:read`. */
  cases: z
    .strictObject({
      /** Undecided and not settling: all that must still be decided. */
      waiting: Count,
      open: Count,
      secondReview: Count,
      resolution: Count,
      /** Undecided or unfiled, past the deadline. */
      overdue: Count,
      /** Nearest deadline that counts, possibly past. */
      nextDueAt: Timestamp.exactOptional(),
      claimedByMe: Count,
    })
    .exactOptional(),
  /** `report:read`. */
  reports: z
    .strictObject({
      /** Cases decided as reportable without a report in effect, at the host that reports go to now. */
      toPrepare: Count,
      draft: Count,
      proposed: Count,
      /** Approved: being filed. */
      filing: Count,
      held: Count,
    })
    .exactOptional(),
  /** `approval:read`: waiting approvals that concern the caller; `mayApprove`: those that the caller may approve. */
  approvals: z.strictObject({ waiting: Count, mayApprove: Count }).exactOptional(),
  /** `alarm:read`: unacknowledged ones; at most 200 are counted. */
  alarms: z.strictObject({ open: Count }).exactOptional(),
  /** `request:read`: open requests of authorities; at most 500 are counted. */
  requests: z.strictObject({ open: Count, overdue: Count }).exactOptional(),
  /** `operations:read`: open tasks for people; at most 200 are counted. */
  tasks: z.strictObject({ open: Count }).exactOptional(),
})

/** State of each part of the installation; `unknown` if it cannot be read. */
export const HomeHealth = z.strictObject({
  /** It answered this call. */
  server: z.literal("running"),
  database: z.enum(["ready", "unreachable", "not-migrated"]),
  worker: z.strictObject({
    /** `silent`: no worker has sent a heartbeat within 30 seconds; `none`: none ran here within a week. */
    state: z.enum(["running", "silent", "none", "unknown"]),
    seenAt: Timestamp.exactOptional(),
  }),
  custodian: z.enum(["ready", "locked", "no-key", "unreachable"]),
  custody: z.enum(["separated", "shared", "unknown"]),
  /** Isolation of the decoders of media, in the server and in the custodian. */
  decoding: z.strictObject({ server: Decoding, custodian: Decoding }),
  lists: z.strictObject({
    /**
     * `test-only`: only test cards; `refused`: the index in the folder did not pass its checks; `none`: nothing is
     * live.
     */
    state: z.enum(["live", "test-only", "refused", "none"]),
    /** Version of the live index. */
    version: z.int().positive().exactOptional(),
    /** Number of lists in it, except those of test cards. */
    lists: Count.exactOptional(),
    /** Oldest as-of date among them, as their sources stated it: `2026-03-02` or a time. */
    oldestAsOf: z.string().exactOptional(),
    /** Those whose source gave no as-of date. */
    withoutAsOf: Count.exactOptional(),
  }),
  guards: z.strictObject({
    /**
     * The gravest state: `silent`: at least one guard is late; `unready`: one that reports accepts no calls; `none`: no
     * guard reports, or those that did were stopped on purpose.
     */
    state: z.enum(["reporting", "unready", "silent", "none", "unknown"]),
    /** Guards that report in time, including those that accept no calls. */
    reporting: Count.exactOptional(),
    unready: Count.exactOptional(),
    silent: Count.exactOptional(),
    /** Newest heartbeat of any. */
    seenAt: Timestamp.exactOptional(),
  }),
  filing: z.strictObject({
    /** The host that reports go to. */
    environment: z.enum(["test", "production"]),
    paused: z.boolean(),
    why: z.enum(["restored", "custody-shared", "decoder-not-isolated"]).exactOptional(),
  }),
  pager: z.strictObject({
    /** `none`: nobody is paged when a child may be in danger now. */
    state: OnCall.shape.pager,
    /** State of the last call. */
    last: DangerCall.exactOptional(),
  }),
  /** The log's signing. */
  log: z.strictObject({
    /** Events after the last checkpoint. */
    unsigned: Count,
    /** When the last checkpoint was signed; absent if none was. */
    signedAt: Timestamp.exactOptional(),
  }),
  /** Places that the log's checkpoints are copied to, in the order of the configuration. */
  checkpointCopies: z.array(
    z.strictObject({
      /** Its name in the configuration. */
      place: z.string(),
      /** `behind`: a waiting checkpoint was signed more than 5 minutes ago; `failing`: the last try failed. */
      state: z.enum(["current", "behind", "failing"]),
      /** Checkpoints that are not there yet. */
      waiting: Count,
      /** When the oldest of them was signed. */
      waitingSince: Timestamp.exactOptional(),
      copiedAt: Timestamp.exactOptional(),
      failingSince: Timestamp.exactOptional(),
      /** Why the last try failed: a code. */
      fault: z.string().exactOptional(),
    }),
  ),
  backup: z.strictObject({
    /** `unknown`: `nightlight backup` made none; backups of another database server are not visible here. */
    state: z.enum(["known", "unknown"]),
    at: Timestamp.exactOptional(),
    /** When one was last restored for a drill. */
    drilledAt: Timestamp.exactOptional(),
  }),
  restore: z.strictObject({
    /** Whether the database was restored and not all is reconciled: keys, sources and most people are suspended. */
    open: z.boolean(),
    restoredAt: Timestamp.exactOptional(),
  }),
})

/**
 * Steps that the installation still needs before it can find, decide and report. `unknown`: the server cannot tell.
 * `administrators`: two have joined; `reviewers`: one at least is trained; `reporters`: one reporter, and a second
 * person who approves; `custodian`: its key was made; `enrolled`: two people are enrolled with it; `lists`: one that is
 * not a list of test cards is live; `source`: one at least may push; `organisation`: the configuration says who
 * reports.
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
   * Cases in which a child may be in danger now, flagged longest ago first, whoever works on them: until each is
   * decided and its alarm was acknowledged. `case:read` or `alarm:read`.
   */
  danger: z.array(HomeDanger).max(HOME_DANGER_MAX),
  /** Who is paged, and whom to telephone. `case:read` or `alarm:read`. */
  onCall: OnCall.exactOptional(),
  /** `health:read`; absent once no known step is open. */
  setup: HomeSetup.exactOptional(),
  /**
   * Work that waits for the caller, at most {@link HOME_DUE_MAX}: imminent danger, then by deadline, then the rest,
   * cases last, longest waiting first. Present for everybody who is signed in; it contains only what the caller may do.
   */
  due: z.array(DueItem).max(HOME_DUE_MAX),
  /** Whether there is more than `due` shows. */
  dueMore: z.boolean(),
  waiting: HomeWaiting,
  /** `health:read`. */
  health: HomeHealth.exactOptional(),
  /** `commitment:read`. */
  commitments: CommitmentCounts.exactOptional(),
})
export type HomeView = z.infer<typeof HomeView>
