/**
 * Looks at the items of a case from the log alone.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import { textOf } from "../../platform/events/text-of.ts"

/** Types of the events that a look is made of. Their subject is the case. */
export const LOOK_EVENT_TYPES = ["look.requested", "look.shown", "look.failed", "look.ended", "look.attested"] as const

/** A look as the log tells it. */
export interface FoldedLook {
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

/** Folds the looks at one case, in the log's order. */
export class LooksFold {
  /** By id. */
  readonly looks = new Map<string, FoldedLook>()

  /** Takes the next event; one that is none of a look changes nothing. */
  take({ type, actor, data }: AuditEvent): void {
    const id = textOf(data, "look")
    if (type === "look.requested") {
      this.looks.set(id, {
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
    const look = this.looks.get(id)
    if (look === undefined) return
    if (type === "look.shown") Object.assign(look, { isShown: true, evidence: textOf(data, "evidence") })
    else if (type === "look.failed") look.isFailed = true
    else if (type === "look.ended") look.endedAt = textOf(data, "at")
    else if (type === "look.attested")
      Object.assign(look, { isAttested: true, exifViewed: data["exifViewed"] === true })
  }
}
