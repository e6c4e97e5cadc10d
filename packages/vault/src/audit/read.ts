import { type AuditEvent, GENESIS, parseLine } from "./event.ts"
import { readLines } from "./lines.ts"
import { broken, listSegments } from "./segments.ts"

/**
 * Reads a log's events in order and checks the chain, but not the checkpoints: see `verifyAuditLog`. A half-written
 * last line is left out.
 *
 * @throws {IntegrityError} `audit_chain_broken` at the first line that is not the next event.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function* readAuditEvents(dir: string): AsyncGenerator<AuditEvent, void, void> {
  let before: { readonly seq: number; readonly hash: string } = { seq: 0, hash: GENESIS }
  for (const { path } of await listSegments(dir)) {
    for await (const { bytes, torn } of readLines(path)) {
      if (torn) continue
      const parsed = parseLine(bytes)
      if (parsed.kind !== "event" || parsed.event.seq !== before.seq + 1 || parsed.event.prev !== before.hash) {
        throw broken(`event ${before.seq + 1} was altered`)
      }
      before = parsed.event
      yield parsed.event
    }
  }
}
