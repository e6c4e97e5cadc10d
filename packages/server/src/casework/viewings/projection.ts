/**
 * Projects the viewings of a case from the log alone.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import { textOf } from "../../platform/events/read.ts"

/** Types of the events of a viewing. Their subject is the case. */
export const VIEWING_EVENT_TYPES = [
  "viewing.requested",
  "viewing.shown",
  "viewing.failed",
  "viewing.ended",
  "viewing.attested",
] as const

/** A viewing, as the log records it. */
export interface ProjectedViewing {
  readonly person: string
  readonly item: string
  readonly grant: string
  readonly purpose: string
  readonly reason: string
  /** Known once it was shown. */
  evidence: string | undefined
  isShown: boolean
  isFailed: boolean
  /** ISO 8601. */
  endedAt: string | undefined
  isAttested: boolean
  exifViewed: boolean | undefined
}

/** Projects the viewings of one case, in the log's order. */
export class ViewingsProjection {
  /** By id. */
  readonly viewings = new Map<string, ProjectedViewing>()

  /** Applies the next event; events of other things change nothing. */
  apply({ type, actor, data }: AuditEvent): void {
    const id = textOf(data, "viewing")
    if (type === "viewing.requested") {
      this.viewings.set(id, {
        person: actor,
        item: textOf(data, "item"),
        grant: textOf(data, "grant"),
        purpose: textOf(data, "purpose"),
        reason: textOf(data, "reason"),
        evidence: undefined,
        isShown: false,
        isFailed: false,
        endedAt: undefined,
        isAttested: false,
        exifViewed: undefined,
      })
      return
    }
    const viewing = this.viewings.get(id)
    if (viewing === undefined) return
    if (type === "viewing.shown") Object.assign(viewing, { isShown: true, evidence: textOf(data, "evidence") })
    else if (type === "viewing.failed") viewing.isFailed = true
    else if (type === "viewing.ended") viewing.endedAt = textOf(data, "at")
    else if (type === "viewing.attested")
      Object.assign(viewing, { isAttested: true, exifViewed: data["exifViewed"] === true })
  }
}
