/**
 * Records of people's actions and open work, rebuilt from the log alone: exposure and its limits, disclosures, tasks,
 * alarms.
 * @module
 */
import type { AuditData, AuditEvent } from "@nightlight/vault/audit"
import {
  applyToBreaks,
  applyToDay,
  NO_VIEWINGS,
  NO_VIEWINGS_YET,
  toExposureEvent,
} from "../../casework/exposure/events.ts"
import type { BreakState, DayCounts } from "../../casework/exposure/types.ts"
import { textOf } from "../../platform/events/read.ts"

/** Limits of viewings that were set. */
export interface RebuiltLimits {
  readonly limits: unknown
  readonly by: string
}

/** A disclosure, as the log records it. */
export interface RebuiltDisclosure {
  readonly caseId: string
  readonly requestId: string
  readonly kind: string
  readonly approvalId: string
  readonly approvedBy: string
  readonly documentSha256: string | undefined
}

/** A task, as the log records it. */
export interface RebuiltTask {
  readonly kind: string
  readonly about: string
  readonly code: string
  closed: { readonly by: string; readonly outcome: string } | undefined
}

/** Takes events in order. It holds one entry for each thing in the log, and no events. */
export class RebuiltRecords {
  /** By person. */
  readonly breaks = new Map<string, BreakState>()
  /** By person and day, keyed by {@link dayKey}. */
  readonly days = new Map<string, DayCounts>()
  /** Limits that were set last. */
  limits: RebuiltLimits | undefined
  readonly disclosures = new Map<string, RebuiltDisclosure>()
  readonly tasks = new Map<string, RebuiltTask>()
  /** Open alarms, keyed by {@link alarmKey}. */
  readonly alarms = new Set<string>()

  apply(event: AuditEvent): void {
    this.#expose(event)
    const { type, actor, data } = event
    const subject = textOf(data, "subject")
    if (type === "exposure.limits-set") this.limits = { limits: data["limits"], by: actor }
    else if (type === "evidence.disclosed") this.#disclose(event, subject)
    else if (type === "task.opened") {
      const [kind, about, code] = [textOf(data, "kind"), textOf(data, "about"), textOf(data, "code")]
      this.tasks.set(subject, { kind, about, code, closed: undefined })
    } else if (type === "task.closed") {
      const task = this.tasks.get(subject)
      if (task !== undefined) task.closed = { by: actor, outcome: textOf(data, "outcome") }
    } else if (type === "alarm.raised") this.alarms.add(alarmKey(textOf(data, "code"), subject))
    else if (type === "alarm.acknowledged") this.alarms.delete(aboutOf(data))
    else if (type === "alarm.reopened") this.alarms.add(aboutOf(data))
  }

  #expose(event: AuditEvent): void {
    const exposed = toExposureEvent(event)
    if (exposed === undefined) return
    const { actor } = event
    this.breaks.set(actor, applyToBreaks(this.breaks.get(actor) ?? NO_VIEWINGS_YET, exposed))
    if (!("day" in exposed.data)) return
    const key = dayKey(actor, exposed.data.day)
    const counts = applyToDay(this.days.get(key) ?? NO_VIEWINGS, exposed)
    if (counts !== undefined) this.days.set(key, counts)
  }

  #disclose({ actor, data }: AuditEvent, caseId: string): void {
    const documentSha256 = typeof data["sha256"] === "string" ? data["sha256"] : undefined
    this.disclosures.set(textOf(data, "disclosure"), {
      caseId,
      requestId: textOf(data, "request"),
      kind: textOf(data, "kind"),
      approvalId: textOf(data, "approval"),
      approvedBy: actor,
      documentSha256,
    })
  }
}

/** Key of a person's day. */
export function dayKey(person: string, day: string): string {
  return `${person} ${day}`
}

/** Key under which alarms are compared: one open alarm per code and subject. */
export function alarmKey(code: string, subject: string): string {
  return `${code} ${subject}`
}

function aboutOf(data: AuditData): string {
  return alarmKey(textOf(data, "code"), textOf(data, "about"))
}
