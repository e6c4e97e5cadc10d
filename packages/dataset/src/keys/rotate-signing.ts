/**
 * Rotates the key that signs a workspace's documents: receipts, lists, the manifest, its log.
 * @module
 */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { exists, withLock, writeFileAtomic } from "@nightlight/durable"
import {
  countHandovers,
  createSigningKey,
  openSigner,
  publicKeyOf,
  publicKeyPath,
  readKeyFile,
  signatureList,
  signatureListPath,
  toSigningHandover,
} from "@nightlight/vault"
import { readAuditEvents } from "@nightlight/vault/audit"
import type { WorkspaceLayout } from "../workspace/layout.ts"
import { nextSigningKey, openPresentSigner } from "../workspace/signing-key.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { withKeyRotation } from "./one-rotation.ts"
import { signaturesInPlace } from "./signatures-in-place.ts"
import { unreportedRotation } from "./unreported-rotation.ts"

/** Type of the rotation's event in the workspace's log. */
export const SIGNING_ROTATED = "signing-key.rotated"

/** The result of a rotation. */
export interface SigningRotation {
  /** Id of the key that signs from now on. */
  readonly keyId: string
  /** Id of the replaced key. */
  readonly replaces: string
  /** Whether an earlier call, killed before its end, had begun it; then no other key was made. */
  readonly resumed: boolean
}

const OTHERS = 0o077
const OTHERS_MAY_WRITE = 0o022

/**
 * Replaces the workspace's signing key. What the old key signed and is in the workspace now stays valid; anything else
 * that it signs is not accepted. The key by which a server knows the workspace stays the same. After a kill at any
 * point the same call, or the next command that opens the workspace, completes it.
 *
 * Running commands continue and sign with the new key from then on. A document that was signed but not yet written at
 * that moment must be made again.
 *
 * @param onRotated - As for `rotateRecipient`: until it has returned, the same call returns the same result again.
 * @throws {DependencyError} `locked`, `disk_full`, `write_failed`.
 * @throws {IntegrityError} `key_unusable`, `manifest_untrusted`, `audit_chain_broken`.
 */
export async function rotateSigningKey(
  workspace: Workspace,
  onRotated?: (result: SigningRotation) => void,
): Promise<SigningRotation> {
  return withKeyRotation(workspace, async (fresh) => {
    const { layout } = fresh
    const unreported = unreportedRotation(layout, "signing")
    const [notedId, notedReplaces] = ((await unreported.read()) ?? "").split(" ")
    const { keyId: presentId } = fresh.signer
    let rotation: Omit<SigningRotation, "resumed">
    if (notedId === presentId && notedReplaces !== undefined) rotation = { keyId: presentId, replaces: notedReplaces }
    else {
      await keepSourceKey(layout)
      const next = nextSigningKey(layout)
      if (!(await exists(next))) await createSigningKey(next)
      rotation = { keyId: (await openSigner(next)).keyId, replaces: presentId }
      await unreported.note(`${rotation.keyId} ${rotation.replaces}`)
      await handOver(fresh)
    }
    const result = { ...rotation, resumed: notedId === rotation.keyId }
    await recordOnce(fresh, rotation)
    onRotated?.(result)
    await unreported.clear()
    return result
  })
}

/** The server continues to know the workspace by the key that it was enrolled with. */
async function keepSourceKey({ signingKey, sourceKey }: WorkspaceLayout): Promise<void> {
  if (await exists(sourceKey)) return
  const text = await readKeyFile(signingKey, OTHERS)
  await writeFileAtomic(publicKeyPath(sourceKey), publicKeyOf(text), 0o644)
  await writeFileAtomic(sourceKey, text, 0o600)
}

/** Holds the log's lock, so that no checkpoint comes between the list of signatures and the new key. */
async function handOver({ layout, signer: from, clock }: Workspace): Promise<void> {
  const { signingPublic, audit } = layout
  const next = nextSigningKey(layout)
  const to = await openSigner(next)
  await withLock(join(audit, ".lock"), async () => {
    const text = await readKeyFile(signingPublic, OTHERS_MAY_WRITE)
    const list = signatureList(await signaturesInPlace(layout))
    await writeFileAtomic(signatureListPath(signingPublic, countHandovers(text) + 1), list, 0o644)
    const publicKey = await readFile(publicKeyPath(next), "utf8")
    const signatures = createHash("sha256").update(list).digest("hex")
    const line = toSigningHandover({ publicKey, at: clock.now().toISOString(), signatures }, from, to)
    await writeFileAtomic(signingPublic, text + line, 0o644)
    await openPresentSigner(layout)
  })
}

async function recordOnce(workspace: Workspace, { keyId, replaces }: Omit<SigningRotation, "resumed">): Promise<void> {
  for await (const { type, data } of readAuditEvents(workspace.layout.audit)) {
    if (type === SIGNING_ROTATED && data["key"] === keyId) return
  }
  await workspace.record(SIGNING_ROTATED, { key: keyId, replaces })
}
