/**
 * Another key for the checkpoints of the server's log, handed over by the one before.
 * @module
 */
import { access, readFile, rename, rm } from "node:fs/promises"
import { dirname } from "node:path"
import { type Clock, DependencyError, hasCode, IntegrityError } from "@nightlight/core"
import { syncDir, withLock, writeFileAtomic } from "@nightlight/durable"
import { createSigningKey, openSigner, publicKeyPath, readKeyFile } from "@nightlight/vault"
import { type CheckpointKeys, readCheckpointKeys, readCheckpoints, toHandoverLine } from "@nightlight/vault/audit"
import { type CustodianLayout, custodianLayout } from "../layout.ts"

/** What a rotation of the checkpoint key came to. */
export interface CheckpointKeyTurn {
  /** Id of the key that signs from now on. */
  readonly keyId: string
  /** Id of the key that went. */
  readonly replaces: string
  /** The last event that the old key speaks for. */
  readonly throughSeq: number
  /** Whether an earlier call had done it: this one made no other key. */
  readonly resumed: boolean
}

const OTHERS_MAY_WRITE = 0o022
/** Long enough for a custodian that is just ending. */
const PATIENCE_MS = 1_000

/**
 * Gives the custodian another key for checkpoints. It must not be running. After a kill at any point the same call, or
 * the custodian's next start, brings it to its end; a key that was handed over to and has signed nothing yet is not
 * followed by another one.
 *
 * The handover is written first, signed by both keys, behind the first public half; then the new private half takes the
 * old one's name, which is gone by that.
 *
 * @param dir - The custodian's folder, absolute.
 * @throws {DependencyError} `locked` if the custodian runs; `disk_full`, `write_failed`.
 * @throws {IntegrityError} `key_unusable`, `audit_chain_broken`.
 */
export async function rotateCheckpointKey(dir: string, clock: Clock): Promise<CheckpointKeyTurn> {
  const layout = custodianLayout(dir)
  let isInside = false
  try {
    return await withLock(
      layout.lock,
      async () => {
        isInside = true
        return await turn(layout, clock)
      },
      { timeoutMs: PATIENCE_MS },
    )
  } catch (error) {
    if (isInside || !hasCode(error, "locked")) throw error
    throw new DependencyError("locked", "the custodian runs, or another command turns its key", {
      hint: "Stop the installation first: the key that signs must not change while it does.",
    })
  }
}

async function turn(layout: CustodianLayout, clock: Clock): Promise<CheckpointKeyTurn> {
  await finishCheckpointKeyTurn(layout)
  const { checkpointKey } = layout
  const next = nextKeyPath(layout)
  const text = await readKeyFile(publicKeyPath(checkpointKey), OTHERS_MAY_WRITE)
  const keys = readCheckpointKeys(text)
  const { checkpoints, untrustedLines } = await readCheckpoints(layout.checkpoints, keys)
  if (untrustedLines.length > 0) {
    throw new IntegrityError("audit_chain_broken", "the file of checkpoints holds what this key did not sign", {
      details: { line: untrustedLines[0] ?? 0 },
    })
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
  await finishCheckpointKeyTurn(layout)
  return { keyId: to.keyId, replaces: from.keyId, throughSeq, resumed: false }
}

/**
 * Brings a handover that was written to its end, and reads the keys.
 *
 * @throws {IntegrityError} `key_unusable` if the private half is not that of the last handover: an old key was put back.
 */
export async function finishCheckpointKeyTurn(layout: CustodianLayout): Promise<CheckpointKeys> {
  const { checkpointKey } = layout
  const keys = readCheckpointKeys(await readKeyFile(publicKeyPath(checkpointKey), OTHERS_MAY_WRITE))
  const next = nextKeyPath(layout)
  const present = await openSigner(checkpointKey)
  if (present.keyId !== keys.current.keyId) {
    const waiting = (await exists(next)) ? await openSigner(next) : undefined
    if (waiting?.keyId !== keys.current.keyId) {
      throw new IntegrityError("key_unusable", "the key for checkpoints is not the one that was handed over to last", {
        hint: "An old key was put back: bring keys/checkpoint.pem of the last handover, or of its copy.",
      })
    }
    await rename(next, checkpointKey)
  }
  // Left of a call that was killed: its public half, or one that no handover names.
  if (!(await exists(next))) await rm(publicKeyPath(next), { force: true })
  await syncDir(dirname(checkpointKey))
  return keys
}

function nextKeyPath({ checkpointKey }: CustodianLayout): string {
  return `${checkpointKey}.next`
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
