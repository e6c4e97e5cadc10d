/**
 * Checks a person's restart of checkpoints from another event, against the custodian's own enrolments and clock.
 * @module
 */

import {
  type CustodianRole,
  MAX_RESTART_HOURS,
  type ProvenRestart,
  type SignedBy,
} from "@nightlight/contract/custodian"
import { HOUR_MS } from "@nightlight/core"
import type { AuditInput } from "@nightlight/vault/audit"
import type { People } from "../people/enrolments.ts"
import type { Signatures } from "../people/signatures.ts"
import { refusal } from "../refusal.ts"
import { readShownLine } from "./shown-lines.ts"

/** Requirements of a person's proof. */
export interface RestartProofs {
  readonly people: Pick<People, "find">
  readonly signatures: Signatures
}

/** A restart with a valid proof. */
export interface CheckedRestart {
  readonly by: SignedBy
  /** For a passkey: events to record before the restart. */
  readonly events: readonly AuditInput[]
  /** Earliest time of later events, ISO 8601. */
  readonly startAt: string
}

/** The role that it needs: counsel answers for what the log says. */
const ROLE: CustodianRole = "counsel"

/** How far another machine's clock may be ahead. */
const SKEW_MS = 2 * 60_000

/**
 * Checks proof, person, role, times, and that the line is the named event.
 *
 * @throws {RequestError} as `refusal`: `locked`, `not-enrolled`, `signature-wrong`, `passkey-needed`, `proofs-missing`,
 *   `role-missing`, `valid-too-long`, `not-yet-valid`, `expired`, `log-broken`.
 */
export function checkRestart(
  { restart, proof, line }: ProvenRestart,
  proofs: RestartProofs,
  now: Date,
): CheckedRestart {
  const { person, start, issuedAt } = restart
  const { people, signatures } = proofs
  if (proof.person !== person) throw refusal("proofs-missing", "a restart must be proven by the person that it names")
  const { by, events } = signatures.verify({
    kind: "checkpoint-restart",
    document: restart,
    person,
    signature: proof.signature,
    signedAfter: issuedAt,
  })
  if (people.find(person)?.roles.includes(ROLE) !== true) {
    throw refusal("role-missing", "only counsel can restart checkpoints", { person })
  }
  assertTime(restart, now)
  const event = readShownLine(line)
  if (event.seq !== start.seq || event.hash !== start.hash) {
    throw refusal("log-broken", "the line is not the event that the restart names", { seq: start.seq })
  }
  // After a clock that ran ahead, the event's own time would keep out every correct later one.
  const startAt = new Date(Math.min(Date.parse(event.at), Date.parse(issuedAt))).toISOString()
  return { by, events, startAt }
}

function assertTime({ issuedAt, expiresAt }: ProvenRestart["restart"], now: Date): void {
  const from = Date.parse(issuedAt)
  const to = Date.parse(expiresAt)
  if (to < from || to - from > MAX_RESTART_HOURS * HOUR_MS) {
    throw refusal("valid-too-long", "the restart is valid for too long")
  }
  if (now.getTime() < from - SKEW_MS) throw refusal("not-yet-valid", "the restart is dated in the future")
  if (now.getTime() >= to) throw refusal("expired", "the restart has expired")
}
