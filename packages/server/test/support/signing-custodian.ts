import { type Clock, RequestError, type Signer, systemClock, type Verifier } from "@nightlight/core"
import {
  AUDIT_GENESIS,
  type Checkpoint,
  parseAuditLine,
  parseCheckpoint,
  toCheckpointLine,
} from "@nightlight/vault/audit"

/** Lines of the log as the server shows them. */
export interface Shown {
  readonly after: { readonly seq: number; readonly hash: string }
  readonly lines: readonly string[]
}

/** The part of a custodian that signs the log. */
export type SigningCustodian = ReturnType<typeof createSigningCustodian>

/** Stands in for the custodian's process: signs where lines end, and refuses lines that do not follow its head. */
export function createSigningCustodian(signer: Signer, verifier: Verifier, clock: Clock = systemClock) {
  const lines: string[] = []
  let head = { seq: 0, hash: AUDIT_GENESIS }
  let restarts = 0
  return {
    checkpointHead: async () => ({ ...head, restarts, line: lines.at(-1)?.trimEnd() ?? null }),
    checkpoint: async (shown: Shown) => {
      if (shown.after.hash !== head.hash) throw new RequestError("state_conflict", "another head was signed")
      for (const line of shown.lines) {
        const parsed = parseAuditLine(Buffer.from(line))
        if (parsed.kind !== "event" || parsed.event.prev !== head.hash) {
          throw new RequestError("state_conflict", "a line does not follow")
        }
        head = { seq: parsed.event.seq, hash: parsed.event.hash }
      }
      const line = toCheckpointLine({ ...head, restarts, at: clock.now().toISOString() }, signer)
      lines.push(line)
      return line
    },
    /** Goes on from another event, as counsel and the host let it. */
    restart: (start: { readonly seq: number; readonly hash: string }, reason = "database-restored") => {
      const restart = { restartId: `restart-${restarts + 1}`, person: "person-cora", reason, before: head }
      restarts++
      head = start
      lines.push(toCheckpointLine({ ...head, restarts, restart, at: clock.now().toISOString() }, signer))
    },
    given: () => lines.map((line) => parseCheckpoint(line.trimEnd(), verifier) as Checkpoint),
  }
}
