/**
 * A new key for what stays in a workspace: receipts, lists, the manifest, its log.
 * @module
 */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { withLock, writeFileAtomic } from "@nightlight/durable"
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
import { exists } from "../workspace/source-key.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { signaturesInPlace } from "./signatures-in-place.ts"
import { withKeyTurn } from "./turn.ts"
import { untoldRotation } from "./untold-rotation.ts"

/** Type of the event that a rotation leaves in the workspace's log. */
export const SIGNING_ROTATED = "signing-key.rotated"

/** What a rotation came to. */
export interface SigningRotation {
  /** Id of the key that signs from now on. */
  readonly keyId: string
  /** Id of the key that went. */
  readonly replaces: string
  /** Whether an earlier call, killed before its end, had begun it: this one made no other key. */
  readonly resumed: boolean
}

const OTHERS = 0o077
const OTHERS_MAY_WRITE = 0o022

/**
 * Hands the workspace's signing key over to another one. What the old one signed and lies in the workspace now stays
 * good; what it signs besides is not believed. The key that a server knows the workspace by stays what it was. After a
 * kill at any point the same call, or the next that opens the workspace, brings it to its end.
 *
 * Commands that run go on and sign by the new key from then on. What was signed and not written yet at that very moment
 * has to be made again.
 *
 * @param tell - As of `rotateRecipient`: until it has returned, the same call answers the same result again.
 * @throws {DependencyError} `locked`, `disk_full`, `write_failed`.
 * @throws {IntegrityError} `key_unusable`, `manifest_untrusted`, `audit_chain_broken`.
 */
export async function rotateSigningKey(
  workspace: Workspace,
  tell?: (result: SigningRotation) => void,
): Promise<SigningRotation> {
  return withKeyTurn(workspace, async (fresh) => {
    const { layout } = fresh
    const untold = untoldRotation(layout, "signing")
    const [notedId, notedReplaces] = ((await untold.read()) ?? "").split(" ")
    const { keyId: presentId } = fresh.signer
    let turn: Omit<SigningRotation, "resumed">
    if (notedId === presentId && notedReplaces !== undefined) turn = { keyId: presentId, replaces: notedReplaces }
    else {
      await keepSourceKey(layout)
      const next = nextSigningKey(layout)
      if (!(await exists(next))) await createSigningKey(next)
      turn = { keyId: (await openSigner(next)).keyId, replaces: presentId }
      await untold.note(`${turn.keyId} ${turn.replaces}`)
      await handOver(fresh)
    }
    const result = { ...turn, resumed: notedId === turn.keyId }
    await recordOnce(fresh, turn)
    tell?.(result)
    await untold.clear()
    return result
  })
}

/** The server goes on knowing the workspace by the key that it was enrolled with. */
async function keepSourceKey({ signingKey, sourceKey }: WorkspaceLayout): Promise<void> {
  if (await exists(sourceKey)) return
  const text = await readKeyFile(signingKey, OTHERS)
  await writeFileAtomic(publicKeyPath(sourceKey), publicKeyOf(text), 0o644)
  await writeFileAtomic(sourceKey, text, 0o600)
}

/** Under the log's lock: no checkpoint comes between the list of signatures and the new key. */
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
