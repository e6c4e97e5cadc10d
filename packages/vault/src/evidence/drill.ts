import { randomBytes, randomInt } from "node:crypto"
import { IntegrityError } from "@nightlight/core"
import type { KeyedDigest } from "../keys/digest-key.ts"
import { recipientOf } from "../keys/identity.ts"
import { activeRecipients, type Manifest, type ManifestRecipient, type RecipientRole } from "../manifest/manifest.ts"
import { evidencePaths, listIds, readTextIfAny } from "./files.ts"
import { openEvidence } from "./opening.ts"
import { parseRow } from "./row.ts"
import { sealWhole, unsealWhole } from "./whole.ts"

/** Result of a drill for one recipient. */
export interface DrillResult {
  readonly id: string
  readonly role: RecipientRole
  readonly ok: boolean
  /** Reason of a failure. `identity_missing`: no given identity belongs to this recipient. */
  readonly code?: "identity_missing" | "challenge_failed" | "evidence_failed"
  /** Number of pieces of evidence that were opened with this recipient's identity alone, and compared. */
  readonly evidenceOpened: number
}

/** Evidence that a drill opens in addition to a challenge. */
export interface DrillOptions {
  /** A store's folder, and its digest key to read the rows. */
  readonly evidence?: { readonly dir: string; readonly keyedDigest: KeyedDigest }
  /** How many pieces each recipient opens, chosen at random among those sealed to it; 3 by default. */
  readonly sampleSize?: number
  readonly signal?: AbortSignal
}

/**
 * Proves for each active recipient that its identity, alone, opens what is sealed now: a random challenge sealed to all
 * of them, and a sample of the evidence that was sealed to it. Works in memory and writes nothing.
 *
 * @param identities - In any order; identities of no active recipient are ignored.
 * @returns One result for each active recipient, in the manifest's order.
 * @throws {IntegrityError} `key_unusable` if the manifest has too few active recipients.
 * @throws {RequestError} `key_malformed` if an identity is malformed.
 */
export async function drill(
  manifest: Manifest,
  identities: readonly string[],
  options: DrillOptions = {},
): Promise<readonly DrillResult[]> {
  const active = activeRecipients(manifest)
  const byRecipient = new Map<string, string>()
  for (const identity of identities) byRecipient.set(await recipientOf(identity), identity)
  const challenge = randomBytes(32)
  const recipients = active.map((entry) => entry.recipient)
  const sealed = await sealWhole(challenge, recipients)

  const results: DrillResult[] = []
  for (const entry of active) {
    options.signal?.throwIfAborted()
    results.push(await drillOne(entry, byRecipient.get(entry.recipient), { challenge, sealed, options }))
  }
  return results
}

interface Challenge {
  readonly challenge: Buffer
  readonly sealed: Buffer
  readonly options: DrillOptions
}

async function drillOne(
  { id, role }: ManifestRecipient,
  identity: string | undefined,
  { challenge, sealed, options }: Challenge,
): Promise<DrillResult> {
  if (identity === undefined) return { id, role, ok: false, code: "identity_missing", evidenceOpened: 0 }
  const opened = await unsealWhole(sealed, [identity]).catch(asFailure)
  if (opened === undefined || !opened.equals(challenge)) {
    return { id, role, ok: false, code: "challenge_failed", evidenceOpened: 0 }
  }
  let evidenceOpened = 0
  for await (const evidenceId of sample(id, options)) {
    options.signal?.throwIfAborted()
    if (!(await opensWhole(options.evidence?.dir ?? "", evidenceId, identity))) {
      return { id, role, ok: false, code: "evidence_failed", evidenceOpened }
    }
    evidenceOpened++
  }
  return { id, role, ok: true, evidenceOpened }
}

async function opensWhole(dir: string, evidenceId: string, identity: string): Promise<boolean> {
  try {
    const { content } = await openEvidence(dir, evidenceId, [identity])
    for await (const _ of content);
    return true
  } catch (error) {
    return asFailure(error) !== undefined
  }
}

/** Ids of evidence whose row names the recipient, in random order, up to the requested number. */
async function* sample(recipientId: string, { evidence, sampleSize = 3 }: DrillOptions): AsyncGenerator<string> {
  if (evidence === undefined) return
  const ids = [...(await listIds(evidence.dir)).json]
  for (let found = 0, left = ids.length; found < sampleSize && left > 0; left--) {
    const offset = randomInt(left)
    const [id = "", last = ""] = [ids[offset], ids[left - 1]]
    ids[offset] = last
    const text = await readTextIfAny(evidencePaths(evidence.dir, id).row)
    const row = text === undefined ? undefined : parseRow(text, evidence.keyedDigest)
    if (row?.recipients.includes(recipientId) !== true) continue
    found++
    yield id
  }
}

/** A failed opening is a result; other errors are rethrown. */
function asFailure(error: unknown): undefined {
  if (error instanceof IntegrityError) return undefined
  throw error
}
