/**
 * Who may do what, and what is kept, rebuilt from the log alone.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import { textOf } from "../../platform/events/read.ts"
import { ApprovalsNeeded } from "./approvals-needed.ts"
import { LockCounts } from "./lock-counts.ts"
import { applyCertificateEvent, type RebuiltCertificate } from "./rebuild-certificates.ts"
import { RebuiltRecords } from "./rebuild-records.ts"
import { applyReportEvent, type RebuiltReport } from "./rebuild-reports.ts"

/** A person, as the log records them. */
export interface RebuiltPerson {
  readonly madeBy: string
  readonly roles: Set<string>
  isJoined: boolean
  isDeactivated: boolean
  /** The credential or binding that was set last. */
  proof: string | undefined
}

/** The owner of a key, a source or a session, and whether it was ended. */
export interface RebuiltHolder {
  readonly owner: string
  isEnded: boolean
}

/** An approval, as the log records it. */
export interface RebuiltApproval {
  readonly kind: string
  readonly about: string
  readonly requestedBy: string
  state: "waiting" | "done" | "declined" | "expired"
  decidedBy: string | undefined
}

/** A hold, as the log records it. */
export interface RebuiltHold {
  readonly caseId: string
  readonly until: string | undefined
  isLifted: boolean
}

type Data = AuditEvent["data"]

/** Takes events in order. It holds one entry for each thing in the log, and no events. */
export class Rebuilt {
  readonly people = new Map<string, RebuiltPerson>()
  readonly sessions = new Map<string, RebuiltHolder>()
  /** Open sessions of each person: ending all of them touches only these. */
  readonly openSessions = new Map<string, Set<string>>()
  readonly keys = new Map<string, RebuiltHolder>()
  readonly sources = new Map<string, RebuiltHolder>()
  readonly approvals = new Map<string, RebuiltApproval>()
  readonly holds = new Map<string, RebuiltHold>()
  readonly reports = new Map<string, RebuiltReport>()
  /** Owner of each passkey, by the passkey's id in the log. */
  readonly passkeys = new Map<string, string>()
  /** Passkeys of each person. */
  readonly passkeysOf = new Map<string, Set<string>>()
  /** How many pieces of evidence the locks of a case covered: it must have at least that many rows. */
  readonly preservations = new LockCounts()
  /** `by person kind at`. */
  readonly relations = new Set<string>()
  /** End of the lock of a case, or of one piece of evidence: ISO 8601. */
  readonly locks = new Map<string, string>()
  /** The last event about a piece of evidence: destruction ordered, destroyed, or kept again. */
  readonly fates = new Map<string, string>()
  /** Filing authorisations, requests, false positives and break-glass requests that were ended. */
  readonly ended = new Set<string>()
  /** By id. */
  readonly certificates = new Map<string, RebuiltCertificate>()
  /** Cases whose context was destroyed. */
  readonly destroyedContexts = new Set<string>()
  /** Rows that no service ever deletes, as `table id`. */
  readonly lasting = new Set<string>()
  readonly records = new RebuiltRecords()
  /** Events that need an approval. */
  readonly approvalsNeeded = new ApprovalsNeeded()
  /** Subject of the policy that was last made active. */
  activePolicy: string | undefined
  hasBegun = false
  isFilingPaused = false

  apply(event: AuditEvent): void {
    this.approvalsNeeded.apply(event)
    this.records.apply(event)
    applyReportEvent(this.reports, event)
    applyCertificateEvent(this.certificates, event)
    TAKES[event.type]?.(this, event, textOf(event.data, "subject"))
  }
}

type Take = (to: Rebuilt, event: AuditEvent, subject: string) => void

const decided =
  (state: RebuiltApproval["state"]): Take =>
  (to, { actor }, subject) => {
    const approval = to.approvals.get(subject)
    if (approval !== undefined) Object.assign(approval, { state, decidedBy: actor })
  }
const ends: Take = (to, _, subject) => void to.ended.add(subject)
const lasts =
  (table: string): Take =>
  (to, _, subject) =>
    void to.lasting.add(`${table} ${subject}`)
const setsProof: Take = (to, { data }, subject) => {
  const person = to.people.get(subject)
  if (person !== undefined) person.proof = optionalOf(data, "proof")
}
const locks: Take = (to, { data }, subject) => {
  if (typeof data["evidence"] === "number") to.preservations.locked(subject, data["evidence"])
  // A piece that the lock found in the row of another case.
  else if (typeof data["by"] === "string") to.preservations.elsewhere(data["by"])
  const until = textOf(data, "until")
  if (until > (to.locks.get(subject) ?? "")) to.locks.set(subject, until)
}
const setsFate: Take = (to, { type, data }, subject) => {
  to.fates.set(subject, type)
  if (type === "evidence.destroyed") to.preservations.destroyed(subject, textOf(data, "case"))
  if (type === "preservation.clearing-cancelled") to.preservations.moved(subject)
}
const endsIn =
  (which: "keys" | "sources"): Take =>
  (to, _, subject) => {
    const holder = to[which].get(subject)
    if (holder !== undefined) holder.isEnded = true
  }
const endSession: Take = (to, _, subject) => {
  const session = to.sessions.get(subject)
  if (session === undefined) return
  session.isEnded = true
  to.openSessions.get(session.owner)?.delete(subject)
}
const resetsProof: Take = (to, event, subject) => {
  setsProof(to, event, subject)
  for (const passkey of to.passkeysOf.get(subject) ?? []) to.passkeys.delete(passkey)
  to.passkeysOf.delete(subject)
}

const TAKES: Readonly<Record<string, Take>> = {
  "setup.begun": (to) => {
    to.hasBegun = true
  },
  "person.made": (to, { data }, subject) => {
    const person = { roles: new Set<string>(), isJoined: false, isDeactivated: false, proof: undefined }
    to.people.set(subject, { ...person, madeBy: textOf(data, "by") })
  },
  "person.joined": (to, _, subject) => patch(to.people.get(subject), { isJoined: true }),
  "person.deactivated": (to, _, subject) => patch(to.people.get(subject), { isDeactivated: true }),
  "person.relation-recorded": (to, { data }, subject) => {
    to.relations.add(
      relationKey({ by: textOf(data, "by"), person: subject, kind: textOf(data, "kind"), at: textOf(data, "at") }),
    )
  },
  "role.granted": (to, { data }, subject) => void to.people.get(subject)?.roles.add(textOf(data, "role")),
  "role.removed": (to, { data }, subject) => void to.people.get(subject)?.roles.delete(textOf(data, "role")),
  "credentials.set": setsProof,
  "credentials.reset": resetsProof,
  "credentials.password-changed": setsProof,
  "passkey.added": (to, { data }, subject) => {
    const passkey = textOf(data, "passkey")
    to.passkeys.set(passkey, subject)
    const all = to.passkeysOf.get(subject) ?? new Set()
    to.passkeysOf.set(subject, all.add(passkey))
  },
  "passkey.removed": (to, { data }) => {
    const passkey = textOf(data, "passkey")
    to.passkeysOf.get(to.passkeys.get(passkey) ?? "")?.delete(passkey)
    to.passkeys.delete(passkey)
  },
  "session.started": (to, { data }, subject) => {
    const id = textOf(data, "session")
    to.sessions.set(id, { owner: subject, isEnded: false })
    const open = to.openSessions.get(subject) ?? new Set()
    to.openSessions.set(subject, open.add(id))
  },
  "session.ended": endSession,
  "sessions.ended-all": (to, event, subject) => {
    for (const id of to.openSessions.get(subject) ?? []) if (id !== event.data["kept"]) endSession(to, event, id)
  },
  "key.made": (to, { actor }, subject) => void to.keys.set(subject, { owner: actor, isEnded: false }),
  "key.revoked": endsIn("keys"),
  "source.enrolled": (to, { data }, subject) => {
    to.sources.set(subject, { owner: textOf(data, "key"), isEnded: false })
  },
  "source.rotated": (to, { data }, subject) => {
    const known = to.sources.get(subject)
    // Only the source's key at that time can hand over.
    if (known !== undefined && known.owner === data["replaces"]) Object.assign(known, { owner: textOf(data, "key") })
  },
  "source.revoked": endsIn("sources"),
  "approval.requested": (to, { actor, data }, subject) => {
    const approval = { kind: textOf(data, "kind"), about: textOf(data, "about"), requestedBy: actor }
    to.approvals.set(subject, { ...approval, state: "waiting", decidedBy: undefined })
  },
  "approval.approved": decided("done"),
  "approval.declined": decided("declined"),
  "approval.expired": decided("expired"),
  "hold.placed": (to, { data }, subject) => {
    to.holds.set(textOf(data, "hold"), { caseId: subject, until: optionalOf(data, "until"), isLifted: false })
  },
  "hold.lifted": (to, { data }) => patch(to.holds.get(textOf(data, "hold")), { isLifted: true }),
  "preservation.locked": locks,
  "preservation.extended": locks,
  "preservation.clearing-cancelled": setsFate,
  "evidence.destruction-ordered": setsFate,
  "evidence.destroyed": setsFate,
  "case.context-destroyed": (to, _, subject) => void to.destroyedContexts.add(subject),
  "policy.activated": (to, _, subject) => {
    to.activePolicy = subject
  },
  "filing.paused": (to) => {
    to.isFilingPaused = true
  },
  "filing.resumed": (to) => {
    to.isFilingPaused = false
  },
  "policy.stored": (to, _, subject) => void to.lasting.add(`policies ${subject}`),
  "request.opened": lasts("le_requests"),
  "request.case-linked": (to, { data }, subject) =>
    void to.lasting.add(`le_request_cases ${subject} ${textOf(data, "case")}`),
  "automation.drafted": lasts("filing_authorisations"),
  "false-positive.opened": lasts("false_positives"),
  "automation.switched-off": ends,
  "request.closed": ends,
  "list.false-positive-ended": ends,
  "false-positive.withdrawn": ends,
  "break-glass.opened": ends,
  "break-glass.cancelled": ends,
}

/** Key under which relations are compared. `at`: ISO 8601. */
export function relationKey(relation: {
  readonly by: string
  readonly person: string
  readonly kind: string
  readonly at: string
}) {
  return [relation.by, relation.person, relation.kind, relation.at].join(" ")
}

function patch<Of extends object>(what: Of | undefined, change: Partial<Of>): void {
  if (what !== undefined) Object.assign(what, change)
}

function optionalOf(data: Data, key: string): string | undefined {
  const value = data[key]
  return typeof value === "string" ? value : undefined
}
