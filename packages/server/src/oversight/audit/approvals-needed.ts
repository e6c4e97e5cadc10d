/**
 * Checks by the log alone that events which need an approval have one: each names an approval that was waiting when it
 * happened and that somebody else approved in the same transaction. Set-up and break-glass access are exceptions, each
 * with events of its own.
 * @module
 */
import { HOUR_MS } from "@nightlight/core"
import type { AuditData, AuditEvent } from "@nightlight/vault/audit"
import { DESTROY_APPROVAL } from "../../filing/preservation/approvals.ts"
import { MANUAL_FILING_APPROVAL } from "../../filing/reports/manual/manual-filing.ts"
import { DISCLOSE_APPROVAL } from "../../filing/requests/service.ts"
import { FALSE_POSITIVE_APPROVAL } from "../../intake/false-positives/types.ts"
import { ACTIVATE_APPROVAL, ROLL_BACK_APPROVAL } from "../../intake/policies/approvals.ts"
import { textOf } from "../../platform/events/read.ts"
import { SYSTEM_HOST, SYSTEM_SETUP } from "../../staff/people/types.ts"
import { BREAK_GLASS_HOURS } from "../../staff/sign-in/break-glass/break-glass.ts"

/** How an event is approved. */
interface Need {
  /** Kinds of approval, one of which it needs. */
  readonly kinds: readonly string[]
  /** Subject of the approval, if it is not the event's own subject. */
  readonly about?: (data: AuditData) => string
  /** Whether the approval's payload permits this very event. */
  readonly allows?: (payload: AuditData, data: AuditData) => boolean
  /** Whether it needs no approval. */
  readonly isFree?: (data: AuditData) => boolean
}

const NEEDS: Readonly<Record<string, Need>> = {
  "role.granted": { kinds: ["role.grant"], allows: (payload, { role }) => payload["role"] === role },
  "credentials.reset": { kinds: ["credentials.reset"] },
  "policy.activated": { kinds: [ACTIVATE_APPROVAL, ROLL_BACK_APPROVAL] },
  "automation.switched-on": { kinds: ["report.automate"] },
  "list.false-positive-recorded": { kinds: [FALSE_POSITIVE_APPROVAL] },
  "report.filed-manually": { kinds: [MANUAL_FILING_APPROVAL] },
  "evidence.disclosed": { kinds: [DISCLOSE_APPROVAL] },
  "evidence.destruction-ordered": {
    kinds: [DESTROY_APPROVAL],
    about: (data) => textOf(data, "case"),
    isFree: ({ basis }) => basis === "cleared",
  },
}

/** Wait of a break-glass request, by the times at which its events were appended, which are a moment behind its own. */
const GLASS_MS = BREAK_GLASS_HOURS * HOUR_MS - 60_000

interface Waiting {
  readonly kind: string
  readonly about: string
  readonly payload: AuditData
  readonly requestedBy: string
  /** Events that named it, by type and subject, with the number of the first. */
  readonly used: Map<string, number>
}

interface Glass {
  readonly kind: string
  readonly about: string
  readonly requestedAt: number
}

/** Takes events in order. */
export class ApprovalsNeeded {
  readonly #waiting = new Map<string, Waiting>()
  readonly #glasses = new Map<string, Glass>()
  /** Break-glass requests that were opened and not used yet. */
  readonly #opened: Glass[] = []
  #isSetUp = false
  #hasPolicy = false
  #firstSeq: number | undefined

  /** Number of the first event without its approval. */
  firstUnapproved(): number | undefined {
    const open = [...this.#waiting.values()].flatMap(({ used }) => [...used.values()])
    return [...open, ...(this.#firstSeq === undefined ? [] : [this.#firstSeq])].toSorted((a, b) => a - b)[0]
  }

  apply(event: AuditEvent): void {
    const { type, actor, data, at } = event
    const subject = textOf(data, "subject")
    if (type === "approval.requested") this.#request(event, subject)
    else if (type === "approval.approved") this.#approve(event, subject)
    else if (type === "approval.declined" || type === "approval.expired") this.#end(subject)
    else if (type === "setup.completed") this.#isSetUp = true
    else if (type === "break-glass.requested") {
      this.#glasses.set(subject, {
        kind: textOf(data, "kind"),
        about: textOf(data, "about"),
        requestedAt: Date.parse(at),
      })
    } else if (type === "break-glass.opened") this.#open(event, subject)
    const need = NEEDS[type]
    if (need === undefined || need.isFree?.(data) === true) return
    if (this.#isException(type, actor, data) || this.#isApproved(event, subject, need)) return
    this.#note(event.seq)
  }

  #request({ actor, data }: AuditEvent, subject: string): void {
    const payload = (data["payload"] ?? {}) as AuditData
    const approval = { kind: textOf(data, "kind"), about: textOf(data, "about"), payload, requestedBy: actor }
    this.#waiting.set(subject, { ...approval, used: new Map() })
  }

  #approve({ actor }: AuditEvent, subject: string): void {
    const approval = this.#waiting.get(subject)
    // Nobody approves their own request, nor one about themselves.
    if (approval?.requestedBy === actor || approval?.about === actor) this.#end(subject)
    else this.#waiting.delete(subject)
  }

  /** An approval that nobody else approved permits nothing. */
  #end(subject: string): void {
    for (const seq of this.#waiting.get(subject)?.used.values() ?? []) this.#note(seq)
    this.#waiting.delete(subject)
  }

  #open({ at }: AuditEvent, subject: string): void {
    const glass = this.#glasses.get(subject)
    this.#glasses.delete(subject)
    if (glass === undefined || Date.parse(at) - glass.requestedAt < GLASS_MS) return
    this.#opened.push(glass)
  }

  #isException(type: string, actor: string, data: AuditData): boolean {
    if (type === "policy.activated" && data["how"] === "first") {
      const isFirst = !this.#hasPolicy
      this.#hasPolicy = true
      return isFirst
    }
    if (type === "role.granted" && data["role"] === "administrator") {
      if (data["requestedBy"] === SYSTEM_SETUP) return !this.#isSetUp
      return actor === SYSTEM_HOST && this.#useGlass(({ kind }) => kind === "administrator")
    }
    if (type !== "credentials.reset" || actor !== SYSTEM_HOST) return false
    const person = textOf(data, "subject")
    return this.#useGlass(({ kind, about }) => kind === "reset" && about === person)
  }

  #useGlass(fits: (glass: Glass) => boolean): boolean {
    const index = this.#opened.findIndex(fits)
    if (index === -1) return false
    this.#opened.splice(index, 1)
    return true
  }

  #isApproved({ seq, type, data }: AuditEvent, subject: string, { kinds, about, allows }: Need): boolean {
    const approval = this.#waiting.get(textOf(data, "approval"))
    if (approval === undefined || !kinds.includes(approval.kind)) return false
    if (approval.about !== (about?.(data) ?? subject) || allows?.(approval.payload, data) === false) return false
    const use = `${type} ${subject}`
    if (approval.used.has(use)) return false
    approval.used.set(use, seq)
    return true
  }

  #note(seq: number): void {
    if (this.#firstSeq === undefined || seq < this.#firstSeq) this.#firstSeq = seq
  }
}
