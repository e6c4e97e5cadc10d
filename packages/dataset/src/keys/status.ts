/**
 * Age of a workspace's keys, and how much evidence is sealed to each.
 * @module
 */

import { stat } from "node:fs/promises"
import { compact, DAY_MS } from "@nightlight/core"
import { isWrappedFor, openEvidenceStore, type RecipientRole } from "@nightlight/vault"
import { openSourceSigner, sourceKeyPath } from "../workspace/source-key.ts"
import type { Workspace } from "../workspace/workspace.ts"

/** One key that evidence is, or was, sealed to. */
export interface RecipientStatus {
  readonly id: string
  readonly role: RecipientRole
  readonly local: boolean
  /** ISO 8601, UTC. */
  readonly addedAt: string
  readonly revokedAt?: string
  /** Whole days since it was added. */
  readonly ageDays: number
  /** Pieces of evidence that it opens, as far as this workspace knows. */
  readonly opens: number
}

/** A key that signs. */
export interface SigningKeyStatus {
  readonly keyId: string
  readonly ageDays: number
}

/** A workspace's keys. */
export interface KeysStatus {
  readonly recipientsVersion: number
  readonly recipients: readonly RecipientStatus[]
  /** Pieces sealed to today's recipients and no other. */
  readonly current: number
  /** Pieces that `keys rewrap` would rewrite. */
  readonly waiting: number
  /** Of these, pieces that came sealed from elsewhere; their recipients are known only when they are opened. */
  readonly received: number
  /** Pieces sealed to a key after it was revoked: a process still seals with an old manifest. */
  readonly late: number
  /** Rows that are not authentic. */
  readonly untrusted: number
  /** The key that signs the workspace's documents and its log. */
  readonly signing: SigningKeyStatus
  /** The key that a server knows the workspace by; the one above until it is rotated. */
  readonly source: SigningKeyStatus
}

/** Reads the state of the keys; opens nothing. */
export async function keysStatus(workspace: Workspace): Promise<KeysStatus> {
  const { layout, manifest, keyed, clock, signer } = workspace
  const store = await openEvidenceStore(layout.evidence, { manifest, keyedDigest: keyed, clock })
  const opens = new Map<string, number>()
  let current = 0
  let waiting = 0
  let received = 0
  let late = 0
  let untrusted = 0
  const revokedAt = new Map(manifest.recipients.map((entry) => [entry.id, entry.revokedAt]))
  for await (const listing of store.list()) {
    if (!listing.ok) {
      untrusted++
      continue
    }
    for (const id of listing.row.recipients) opens.set(id, (opens.get(id) ?? 0) + 1)
    if (isWrappedFor(listing.row, manifest)) current++
    else waiting++
    const { recipients, sealedAt } = listing.row
    if (recipients.length === 0) received++
    if (recipients.some((id) => sealedAt > (revokedAt.get(id) ?? sealedAt))) late++
  }
  const daysSince = (at: number) => Math.max(0, Math.floor((clock.now().getTime() - at) / DAY_MS))
  const ageOf = async (path: string) => daysSince((await stat(path)).mtimeMs)
  const source = await openSourceSigner(layout)
  return {
    recipientsVersion: manifest.version,
    recipients: manifest.recipients.map(({ id, role, local, addedAt, revokedAt: until }) => ({
      id,
      role,
      local,
      addedAt,
      ...compact({ revokedAt: until }),
      ageDays: daysSince(Date.parse(addedAt)),
      opens: opens.get(id) ?? 0,
    })),
    current,
    waiting,
    received,
    late,
    untrusted,
    signing: { keyId: signer.keyId, ageDays: await ageOf(layout.signingKey) },
    source: { keyId: source.keyId, ageDays: await ageOf(await sourceKeyPath(layout)) },
  }
}
