/**
 * Signs how far the server's log has come, and refuses to sign that it went back or was rewritten.
 * @module
 */
import { IntegrityError, type Signer, type Verifier } from "@nightlight/core"
import type { AuditEvent } from "@nightlight/vault/audit"
import { appendCheckpoints, copyCheckpoints, readCheckpoints, toCheckpointLine } from "@nightlight/vault/audit"
import type { Book, Journal } from "../journal/journal.ts"
import { createSerial } from "../journal/serial.ts"
import { refusal } from "../refusal.ts"

/** Signs checkpoints of the server's log. */
export interface Witness {
  /**
   * Signs the log's head, once; when this returns, the line is on disk here and in the copy.
   *
   * @returns The line, without its newline.
   * @throws {RequestError} `state_conflict` (`checkpoint-went-back`, `checkpoint-contradicts`).
   */
  sign(head: { readonly seq: number; readonly hash: string }): Promise<string>
}

/** Knows every head that the journal says was signed. */
export class WitnessBook implements Book {
  readonly #hashes = new Map<number, string>()
  last = 0

  apply({ type, data }: AuditEvent): void {
    if (type !== "checkpoint.signed") return
    const seq = Number(data["logSeq"])
    this.#hashes.set(seq, data["logHash"] as string)
    this.last = Math.max(this.last, seq)
  }

  hashOf(seq: number): string | undefined {
    return this.#hashes.get(seq)
  }
}

/** What a witness keeps. */
export interface WitnessOptions {
  /** Own file of checkpoints. */
  readonly path: string
  readonly copy: string | null
  readonly signer: Signer
  readonly verifier: Verifier
  readonly journal: Journal
  readonly book: WitnessBook
}

/**
 * Opens the witness.
 *
 * @throws {IntegrityError} `audit_chain_broken` if its file holds what its key did not sign.
 */
export async function openWitness({ path, copy, signer, verifier, journal, book }: WitnessOptions): Promise<Witness> {
  const { checkpoints, untrustedLines } = await readCheckpoints(path, verifier)
  if (untrustedLines.length > 0) {
    throw new IntegrityError("audit_chain_broken", "the file of checkpoints holds what this key did not sign", {
      details: { line: untrustedLines[0] ?? 0 },
    })
  }
  const lines = new Map(
    checkpoints.map(({ seq, hash, at }) => [seq, toCheckpointLine(seq, hash, at, signer).trimEnd()]),
  )
  const serial = createSerial()

  return {
    sign: ({ seq, hash }) =>
      serial.run(async () => {
        const known = book.hashOf(seq)
        if (known !== undefined && known !== hash) {
          throw refusal("checkpoint-contradicts", "another hash was signed for this event", { seq })
        }
        const there = lines.get(seq)
        if (known !== undefined && there !== undefined) return there
        if (seq < book.last) {
          throw refusal("checkpoint-went-back", "a later event was signed before", { seq, last: book.last })
        }
        const at = journal.clock.now().toISOString()
        const line = toCheckpointLine(seq, hash, at, signer)
        if (known === undefined) await journal.record("checkpoint.signed", "server", { logSeq: seq, logHash: hash })
        await appendCheckpoints(path, [line])
        if (copy !== null) await copyCheckpoints(path, copy)
        lines.set(seq, line.trimEnd())
        return line.trimEnd()
      }),
  }
}
