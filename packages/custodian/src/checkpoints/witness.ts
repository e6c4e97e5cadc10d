/**
 * Signs how far the server's log has come, only over lines that it received and checked itself.
 * @module
 */
import type { CheckpointBody, CheckpointHead, ProvenRestart } from "@nightlight/contract/custodian"
import { IntegrityError, type Signer } from "@nightlight/core"
import {
  appendCheckpoints,
  type CheckpointKeys,
  copyCheckpoints,
  isLaterCheckpoint,
  readCheckpoints,
  toCheckpointLine,
} from "@nightlight/vault/audit"
import type { z } from "zod"
import type { Journal } from "../journal/journal.ts"
import { createSerial } from "../journal/serial.ts"
import { refusal } from "../refusal.ts"
import { checkRestart, type RestartProofs } from "./restart.ts"
import { followLines } from "./shown-lines.ts"
import { type SignedHead, toClaim, type WitnessBook } from "./witness-book.ts"

/** Signs checkpoints of the server's log. */
export interface Witness {
  /** How far the log was signed, with the line of the checkpoint. */
  head(): CheckpointHead
  /**
   * Checks lines from the head and signs where they end; when this returns, the checkpoint is on disk here and in the
   * copy.
   *
   * @returns The checkpoint's line, without its newline.
   * @throws {RequestError} `state_conflict` (`checkpoint-went-back`, `checkpoint-contradicts`, `checkpoint-not-shown`,
   *   and as `followLines`); `forbidden` (`hourly-cap`).
   */
  sign(shown: z.infer<typeof CheckpointBody>): Promise<string>
  /**
   * Continues from an event that does not follow the last signed one, on one person's proof; the caller has checked the
   * passphrase.
   *
   * @returns The line of the restart, without its newline.
   * @throws {RequestError} as `checkRestart`; `state_conflict` (`replayed`, `other-head`); `forbidden` (`hourly-cap`).
   */
  restart(proven: ProvenRestart): Promise<string>
}

/** Restarts in an hour. */
const RESTARTS_PER_HOUR = 1

/** Options of a witness. */
export interface WitnessOptions {
  /** Its own file of checkpoints. */
  readonly path: string
  readonly copy: string | null
  /** Checkpoints in an hour. */
  readonly hourlyCap: number
  readonly signer: Signer
  /** The keys that signed so far; the last one is the signer's. */
  readonly keys: CheckpointKeys
  readonly journal: Journal
  readonly book: WitnessBook
  readonly proofs: RestartProofs
}

/**
 * Opens the witness, and writes the checkpoint that a killed process journaled without writing.
 *
 * @throws {IntegrityError} `audit_chain_broken` if its file contains a line that its key did not sign, or file or copy
 *   have a later checkpoint than the journal, which is then an older one.
 * @throws {DependencyError} as vault's `appendCheckpoints`.
 */
export async function openWitness({
  path,
  copy,
  hourlyCap,
  signer,
  keys,
  journal,
  book,
  proofs,
}: WitnessOptions): Promise<Witness> {
  const { checkpoints, untrustedLines } = await readCheckpoints(path, keys)
  if (untrustedLines.length > 0) {
    throw new IntegrityError(
      "audit_chain_broken",
      "the file of checkpoints contains a line that this key did not sign",
      {
        details: { line: untrustedLines[0] ?? 0 },
      },
    )
  }
  const elsewhere = copy === null ? [] : (await readCheckpoints(copy, keys)).checkpoints
  const known = { seq: book.head.seq, restarts: book.restarts }
  const later = [...checkpoints, ...elsewhere].find((checkpoint) => isLaterCheckpoint(checkpoint, known))
  if (later !== undefined) {
    throw new IntegrityError(
      "audit_chain_broken",
      "the custodian's journal is older than a checkpoint that it signed",
      { details: { journal: known.seq, checkpoint: later.seq } },
    )
  }
  const toLine = (signed: SignedHead) => toCheckpointLine(toClaim(signed), signer)
  const serial = createSerial()
  const last = checkpoints.at(-1)
  /** The last checkpoint in the file and in the copy; earlier than in the journal after a kill or a full disk. */
  let written = last === undefined ? undefined : nameOf(last)
  let copied: string | undefined
  const writeMissing = async (): Promise<void> => {
    const { signed } = book
    if (signed === undefined) return
    if (written === nameOf(signed)) return
    await appendCheckpoints(path, [toLine(signed)])
    written = nameOf(signed)
  }
  /** @param previousSeq - Of the checkpoint before, if nothing else can be missing in the copy. */
  const copyMissing = async (previousSeq = -1): Promise<void> => {
    const { signed } = book
    if (copy === null || signed === undefined) return
    if (copied === nameOf(signed)) return
    const restarts = signed.restart === undefined ? signed.restarts : -1
    await copyCheckpoints(path, copy, { line: toLine(signed), previous: { seq: previousSeq, restarts } })
    copied = nameOf(signed)
  }
  await writeMissing()
  const lastLine = () => (book.signed === undefined ? "" : toLine(book.signed).trimEnd())

  return {
    head: () => {
      const { seq, hash } = book.head
      return { seq, hash, restarts: book.restarts, line: book.signed === undefined ? null : lastLine() }
    },
    sign: ({ after, lines }) =>
      serial.run(async () => {
        await writeMissing()
        await copyMissing()
        const { head } = book
        if (after.seq < head.seq) {
          throw refusal("checkpoint-went-back", "a later event was signed before", { seq: after.seq, last: head.seq })
        }
        if (after.seq > head.seq) {
          throw refusal("checkpoint-not-shown", "the events before these were never received", { last: head.seq })
        }
        if (after.hash !== head.hash) {
          throw refusal("checkpoint-contradicts", "another hash was signed for this event", { seq: head.seq })
        }
        const now = journal.clock.now()
        if (book.countInHour(now) >= hourlyCap)
          throw refusal("hourly-cap", "the hourly limit of checkpoints is reached")
        const { seq, hash, eventAt = "" } = followLines(head, lines, now)
        const data = { logSeq: seq, logHash: hash, logAt: eventAt, signedAt: now.toISOString() }
        await journal.record("checkpoint.signed", "server", data)
        await writeMissing()
        await copyMissing(head.seq)
        return lastLine()
      }),
    restart: (proven) =>
      serial.run(async () => {
        const { restartId, person, reason, before, start } = proven.restart
        if (book.isUsed(restartId)) throw refusal("replayed", "this restart was already used")
        const now = journal.clock.now()
        const { by, events, startAt } = checkRestart(proven, proofs, now)
        const { head } = book
        if (before.seq !== head.seq || before.hash !== head.hash) {
          throw refusal("other-head", "the restart does not name the last signed event", {
            last: head.seq,
          })
        }
        if (book.countRestartsInHour(now) >= RESTARTS_PER_HOUR) {
          throw refusal("hourly-cap", "the hourly limit of restarts is reached")
        }
        await writeMissing()
        const data = {
          restartId,
          person,
          reason,
          by,
          beforeSeq: before.seq,
          beforeHash: before.hash,
          logSeq: start.seq,
          logHash: start.hash,
          logAt: startAt,
          signedAt: now.toISOString(),
        }
        await journal.recordAll([...events, { type: "checkpoints.restarted", actor: person, data }])
        await writeMissing()
        await copyMissing()
        return lastLine()
      }),
  }
}

/** Whichever key signed it. */
function nameOf({ restarts, seq, hash }: { readonly restarts: number; readonly seq: number; readonly hash: string }) {
  return `${restarts} ${seq} ${hash}`
}
