/**
 * Signs how far the server's log has come, over lines that it was shown and followed itself, and nothing else.
 * @module
 */
import type { CheckpointBody, CheckpointHead } from "@nightlight/contract/custodian"
import { IntegrityError, type Signer } from "@nightlight/core"
import {
  appendCheckpoints,
  type CheckpointKeys,
  copyCheckpoints,
  readCheckpoints,
  toCheckpointLine,
} from "@nightlight/vault/audit"
import type { z } from "zod"
import type { Journal } from "../journal/journal.ts"
import { createSerial } from "../journal/serial.ts"
import { refusal } from "../refusal.ts"
import { followLines } from "./shown-lines.ts"
import type { SignedHead, WitnessBook } from "./witness-book.ts"

/** Signs checkpoints of the server's log. */
export interface Witness {
  /** How far the log was signed, with the line that says so. */
  head(): CheckpointHead
  /**
   * Follows lines from the head and signs where they end; when this returns, the checkpoint is on disk here and in the
   * copy.
   *
   * @returns The checkpoint's line, without its newline.
   * @throws {RequestError} `state_conflict` (`checkpoint-went-back`, `checkpoint-contradicts`, `checkpoint-not-shown`, and
   *   as `followLines`); `forbidden` (`hourly-cap`).
   */
  sign(shown: z.infer<typeof CheckpointBody>): Promise<string>
}

/** What a witness keeps. */
export interface WitnessOptions {
  /** Own file of checkpoints. */
  readonly path: string
  readonly copy: string | null
  /** Checkpoints in an hour. */
  readonly hourlyCap: number
  readonly signer: Signer
  /** The keys that signed so far; the last one is the signer's. */
  readonly keys: CheckpointKeys
  readonly journal: Journal
  readonly book: WitnessBook
}

/**
 * Opens the witness, and writes the checkpoint that a killed process journaled and did not write.
 *
 * @throws {IntegrityError} `audit_chain_broken` if its file holds what its key did not sign, or it or the copy a later
 *   checkpoint than the journal knows of: the journal is an older one.
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
}: WitnessOptions): Promise<Witness> {
  const { checkpoints, untrustedLines } = await readCheckpoints(path, keys)
  if (untrustedLines.length > 0) {
    throw new IntegrityError("audit_chain_broken", "the file of checkpoints holds what this key did not sign", {
      details: { line: untrustedLines[0] ?? 0 },
    })
  }
  const elsewhere = copy === null ? [] : (await readCheckpoints(copy, keys)).checkpoints
  const latest = [...checkpoints, ...elsewhere].reduce((seq, checkpoint) => Math.max(seq, checkpoint.seq), 0)
  if (latest > book.head.seq) {
    throw new IntegrityError(
      "audit_chain_broken",
      "the custodian's journal is older than a checkpoint that it signed",
      {
        details: { journal: book.head.seq, checkpoint: latest },
      },
    )
  }
  const toLine = ({ seq, hash, signedAt }: SignedHead) => toCheckpointLine(seq, hash, signedAt, signer)
  const serial = createSerial()
  /** Hash of the last checkpoint in the file and in the copy: behind the journal after a kill or a full disk. */
  let written = checkpoints.at(-1)?.hash
  let copied: string | undefined
  const settle = async (): Promise<void> => {
    const { signed } = book
    if (signed === undefined || written === signed.hash) return
    await appendCheckpoints(path, [toLine(signed)])
    written = signed.hash
  }
  /** @param previousSeq - Of the checkpoint before, where nothing else can be missing from the copy. */
  const settleCopy = async (previousSeq = -1): Promise<void> => {
    const { signed } = book
    if (copy === null || signed === undefined || copied === signed.hash) return
    await copyCheckpoints(path, copy, { line: toLine(signed), previousSeq })
    copied = signed.hash
  }
  await settle()

  return {
    head: () => {
      const { seq, hash } = book.head
      return { seq, hash, line: book.signed === undefined ? null : toLine(book.signed).trimEnd() }
    },
    sign: ({ after, lines }) =>
      serial.run(async () => {
        await settle()
        await settleCopy()
        const { head } = book
        if (after.seq < head.seq) {
          throw refusal("checkpoint-went-back", "a later event was signed before", { seq: after.seq, last: head.seq })
        }
        if (after.seq > head.seq) {
          throw refusal("checkpoint-not-shown", "the events before these were never shown", { last: head.seq })
        }
        if (after.hash !== head.hash) {
          throw refusal("checkpoint-contradicts", "another hash was signed for this event", { seq: head.seq })
        }
        const now = journal.clock.now()
        if (book.countInHour(now) >= hourlyCap) throw refusal("hourly-cap", "no more checkpoints within the hour")
        const { seq, hash, eventAt = "" } = followLines(head, lines, now)
        const signed = { seq, hash, eventAt, signedAt: now.toISOString() }
        const data = { logSeq: seq, logHash: hash, logAt: eventAt, signedAt: signed.signedAt }
        await journal.record("checkpoint.signed", "server", data)
        await settle()
        await settleCopy(head.seq)
        return toLine(signed).trimEnd()
      }),
  }
}
