/**
 * Used grants, and how much was done in the last hour, from the journal alone.
 * @module
 */
import { HOUR_MS } from "@nightlight/core"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Book } from "../journal/journal.ts"
import type { Purpose } from "./verify.ts"

/** A grant that was used. */
export interface UsedGrant {
  readonly grantId: string
  readonly purpose: Purpose
  /** The person it is counted for: the viewer, or the approver. */
  readonly person: string
  readonly caseId: string
  readonly at: string
  /** SHA-256 of the grant's canonical JSON. */
  readonly grantSha256: string
  /** For a viewing. */
  readonly evidenceId?: string
  readonly ciphertextSha256?: string
}

/** Actions in the last hour. */
export interface HourCount {
  readonly person: number
  readonly total: number
}

interface RecentAction {
  readonly atMs: number
  readonly purpose: Purpose | "intake" | "clearing"
  readonly person: string
}

/** Follows `grant.used`, intakes and clearings. */
export class GrantBook implements Book {
  readonly #used = new Map<string, UsedGrant>()
  /** Of the last hours; older ones are dropped as new ones arrive. */
  #actions: RecentAction[] = []

  apply({ type, at, data }: AuditEvent): void {
    if (type === "grant.used") {
      const grant = { ...(data as unknown as Omit<UsedGrant, "at">), at }
      this.#used.set(grant.grantId, grant)
      this.#note({ atMs: Date.parse(at), purpose: grant.purpose, person: grant.person })
    } else if (type === "intake.opened" || type === "intake.faulted") {
      this.#note({ atMs: Date.parse(at), purpose: "intake", person: "" })
    } else if (type === "clearing.ordered") {
      this.#note({ atMs: Date.parse(at), purpose: "clearing", person: "" })
    }
  }

  find(grantId: string): UsedGrant | undefined {
    return this.#used.get(grantId)
  }

  /** Counts what was done within an hour of a time, before it or, if a clock went back, after it. */
  count(purpose: RecentAction["purpose"], person: string, now: Date): HourCount {
    const recent = this.#actions.filter(
      (action) => action.purpose === purpose && Math.abs(now.getTime() - action.atMs) < HOUR_MS,
    )
    return { person: recent.filter((action) => action.person === person).length, total: recent.length }
  }

  #note(action: RecentAction): void {
    const [first] = this.#actions
    if (first !== undefined && action.atMs - first.atMs > 2 * HOUR_MS) {
      this.#actions = this.#actions.filter(({ atMs }) => action.atMs - atMs <= 2 * HOUR_MS)
    }
    this.#actions.push(action)
  }
}
