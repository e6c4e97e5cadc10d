/**
 * Replaces the key that signs checkpoints of the server's log, by a handover that the old key signs.
 * @module
 */
import { readFile, rename, rm } from "node:fs/promises"
import { dirname } from "node:path"
import { type Clock, DependencyError, hasCode, IntegrityError } from "@nightlight/core"
import { exists, syncDir, withLock, writeFileAtomic } from "@nightlight/durable"
import { createSigningKey, openSigner, publicKeyPath, readKeyFile } from "@nightlight/vault"
import { type CheckpointKeys, readCheckpointKeys, readCheckpoints, toHandoverLine } from "@nightlight/vault/audit"
import { type CustodianLayout, custodianLayout } from "../layout.ts"

/** Result of a rotation of the checkpoint key. */
export interface CheckpointKeyRotation {
  /** Id of the new key. */
  readonly keyId: string
  /** Id of the old key. */
  readonly replaces: string
  /** The last event that the old key signed for. */
  readonly throughSeq: number
  /** Whether an earlier call had done it, so that this one made no key. */
  readonly resumed: boolean
}

const OTHERS_MAY_WRITE = 0o022
/** Long enough for a custodian that is just ending. */
const PATIENCE_MS = 1_000

/**
 * Gives the custodian another key for checkpoints. The custodian must not be running. After a kill at any point the
 * same call, or the custodian's next start, completes it; a new key that has signed nothing yet is not replaced again.
 *
 * The handover is written first, signed by both keys, after the first public half; then the new private half takes the
 * old one's name, which deletes the old one.
 *
 * @param dir - The custodian's folder, absolute.
 * @throws {DependencyError} `locked` if the custodian runs; `disk_full`, `write_failed`.
 * @throws {IntegrityError} `key_unusable`, `audit_chain_broken`.
 */
export async function rotateCheckpointKey(dir: string, clock: Clock): Promise<CheckpointKeyRotation> {
  const layout = custodianLayout(dir)
  let isInside = false
  try {
    return await withLock(
      layout.lock,
      async () => {
        isInside = true
        return await rotate(layout, clock)
      },
      { timeoutMs: PATIENCE_MS },
    )
  } catch (error) {
    if (isInside || !hasCode(error, "locked")) throw error
    throw new DependencyError("locked", "the custodian is running, or another command is rotating its key", {
      hint: "Stop the installation first: the key must not change while the custodian signs.",
    })
  }
}

async function rotate(layout: CustodianLayout, clock: Clock): Promise<CheckpointKeyRotation> {
  await finishCheckpointKeyRotation(layout)
  const { checkpointKey } = layout
  const next = nextKeyPath(layout)
  const text = await readKeyFile(publicKeyPath(checkpointKey), OTHERS_MAY_WRITE)
  const keys = readCheckpointKeys(text)
  const { checkpoints, untrustedLines } = await readCheckpoints(layout.checkpoints, keys)
  if (untrustedLines.length > 0) {
    throw new IntegrityError(
      "audit_chain_broken",
      "the file of checkpoints contains a line that this key did not sign",
      {
        details: { line: untrustedLines[0] ?? 0 },
      },
    )
  }
  const handover = keys.handovers.at(-1)
  if (handover !== undefined && checkpoints.at(-1)?.keyId !== handover.keyId) {
    return { keyId: handover.keyId, replaces: handover.fromKeyId, throughSeq: handover.seq, resumed: true }
  }
  if (!(await exists(next))) await createSigningKey(next)
  const [from, to] = [await openSigner(checkpointKey), await openSigner(next)]
  const { seq: throughSeq, restarts } = checkpoints.at(-1) ?? { seq: 0, restarts: 0 }
  const publicKey = await readFile(publicKeyPath(next), "utf8")
  const line = toHandoverLine({ seq: throughSeq, restarts, at: clock.now().toISOString(), publicKey }, from, to)
  await writeFileAtomic(publicKeyPath(checkpointKey), text + line, 0o644)
  await finishCheckpointKeyRotation(layout)
  return { keyId: to.keyId, replaces: from.keyId, throughSeq, resumed: false }
}

/**
 * Completes a handover that was written, and reads the keys.
 *
 * @throws {IntegrityError} `key_unusable` if the private half is not that of the last handover, because an old key was
 *   restored.
 */
export async function finishCheckpointKeyRotation(layout: CustodianLayout): Promise<CheckpointKeys> {
  const { checkpointKey } = layout
  const keys = readCheckpointKeys(await readKeyFile(publicKeyPath(checkpointKey), OTHERS_MAY_WRITE))
  const next = nextKeyPath(layout)
  const present = await openSigner(checkpointKey)
  if (present.keyId !== keys.current.keyId) {
    const waiting = (await exists(next)) ? await openSigner(next) : undefined
    if (waiting?.keyId !== keys.current.keyId) {
      throw new IntegrityError("key_unusable", "the key for checkpoints is not the one of the last handover", {
        hint: "An old key was restored: restore keys/checkpoint.pem of the last handover, or its copy.",
      })
    }
    await rename(next, checkpointKey)
  }
  // Left by a call that was killed: its public half, or one that no handover names.
  if (!(await exists(next))) await rm(publicKeyPath(next), { force: true })
  await syncDir(dirname(checkpointKey))
  return keys
}

function nextKeyPath({ checkpointKey }: CustodianLayout): string {
  return `${checkpointKey}.next`
}
