/**
 * Rotates the key that evidence is sealed to: a new one replaces those of its role.
 * @module
 */
import { compact, RequestError } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
import {
  assertRecipient,
  generateIdentity,
  type Manifest,
  type ManifestRecipient,
  protectIdentity,
  type RecipientRole,
  recipientOf,
  unlockIdentity,
  writeManifest,
} from "@nightlight/vault"
import { readIfThere } from "../evidence/identities.ts"
import { identityPath } from "../workspace/layout.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { ROTATED, recordedVersion, withKeyRotation } from "./one-rotation.ts"
import { type UnreportedRotation, unreportedRotation } from "./unreported-rotation.ts"

/** Which key is rotated, and for what. */
export interface RotationRequest {
  readonly role: RecipientRole
  /** Public half of a key made elsewhere, `age1...`; without it a key is made here. */
  readonly recipient?: string
  /** Protects a key that is made here; must be the passphrase of the workspace's other private halves. */
  readonly passphrase?: string
  /** Base-2 logarithm of scrypt's work factor; the vault's default unless given. */
  readonly workFactor?: number
  /**
   * Called once the key exists and before evidence is sealed to it: by then the person or service that opens evidence
   * must have it. May be called again for the same key.
   */
  readonly beforeEntry?: (entry: NewRecipient) => Promise<void>
  /**
   * Reports the result to the caller. Until it has returned, the same call returns the same result again, because a
   * process that was killed earlier has reported nothing.
   */
  readonly onRotated?: (result: RotationResult) => void
}

/** A recipient that is about to enter the manifest. */
export interface NewRecipient {
  readonly id: string
  readonly recipient: string
  /** Path of its protected private half, where it was made here. */
  readonly identityFile?: string
}

/** The result of a rotation. */
export interface RotationResult extends NewRecipient {
  readonly role: RecipientRole
  /** Ids of the recipients that nothing is sealed to any more. */
  readonly replaces: readonly string[]
  readonly recipientsVersion: number
  /** Whether an earlier call, killed before its end, had done it; then no other key was made. */
  readonly resumed: boolean
}

/**
 * Adds a new recipient to the manifest and revokes those of its role. Sealed evidence stays unchanged until it is
 * rewrapped. After a kill, the same call continues from where it was.
 *
 * @throws {RequestError} `key_malformed`; `passphrase_missing`, `passphrase_wrong`; `state_conflict` if the key was in
 * the manifest before and did not enter it by a rotation that is still in force.
 * @throws {DependencyError} `locked`, `disk_full`, `write_failed`.
 * @throws {IntegrityError} `manifest_untrusted`, `audit_chain_broken`.
 */
export async function rotateRecipient(workspace: Workspace, request: RotationRequest): Promise<RotationResult> {
  return withKeyRotation(workspace, async (fresh) => {
    const unreported = unreportedRotation(fresh.layout, "recipient")
    const result = (await findEnded(fresh, request, unreported)) ?? (await rotate(fresh, request, unreported))
    request.onRotated?.(result)
    await unreported.clear()
    return result
  })
}

/** The requested rotation, if an earlier call did it. */
async function findEnded(
  fresh: Workspace,
  { role, recipient }: RotationRequest,
  unreported: UnreportedRotation,
): Promise<RotationResult | undefined> {
  const { manifest } = fresh
  if ((await recordedVersion(fresh)) < manifest.version) {
    const last = resultOf(fresh, lastOf(manifest))
    await recordRotation(fresh, last)
    const isAsked = recipient === undefined ? last.identityFile !== undefined : last.recipient === recipient
    if (last.role === role && isAsked) return { ...last, resumed: true }
  }
  if (recipient === undefined) {
    if ((await unreported.read()) !== `${role} ${manifest.version}`) return undefined
    return { ...resultOf(fresh, lastOf(manifest)), resumed: true }
  }
  const present = manifest.recipients.find(
    (known) => known.role === role && known.recipient === recipient && known.revokedAt === undefined,
  )
  if (present === undefined) return undefined
  const result = resultOf(fresh, present)
  // A recipient that replaced none was there from the beginning.
  return result.replaces.length === 0 ? undefined : { ...result, resumed: true }
}

async function rotate(
  fresh: Workspace,
  request: RotationRequest,
  unreported: UnreportedRotation,
): Promise<RotationResult> {
  const { signer, verifier, clock, layout, manifest } = fresh
  const { role } = request
  const entry = await newRecipient(fresh, request)
  await request.beforeEntry?.(entry)
  const now = clock.now().toISOString()
  const recipients: ManifestRecipient[] = manifest.recipients.map((known) =>
    known.role === role && known.revokedAt === undefined ? { ...known, revokedAt: now } : known,
  )
  const local = entry.identityFile !== undefined
  recipients.push({ id: entry.id, recipient: entry.recipient, role, local, addedAt: now })
  if (local) await unreported.note(`${role} ${manifest.version + 1}`)
  const written = await writeManifest(layout.recipients, recipients, { signer, verifier, clock })
  const result = resultOf({ layout, manifest: written }, lastOf(written))
  await recordRotation(fresh, result)
  return result
}

async function newRecipient(workspace: Workspace, request: RotationRequest): Promise<NewRecipient> {
  const { manifest, layout } = workspace
  const id = nextId(manifest, request.role)
  if (request.recipient !== undefined) {
    const recipient = assertRecipient(request.recipient)
    if (manifest.recipients.some((known) => known.recipient === recipient)) {
      throw new RequestError("state_conflict", "this key was in the manifest before: a new one is needed")
    }
    return { id, recipient }
  }
  const { passphrase = "", workFactor } = request
  if (passphrase === "") {
    throw new RequestError("passphrase_missing", "a private key made here is kept encrypted under a passphrase")
  }
  await assertSamePassphrase(workspace, passphrase)
  const identityFile = identityPath(layout, id)
  const left = await readIfThere(identityFile)
  // A key left by a killed call may be known elsewhere by now, so it is the one that enters.
  if (left !== undefined) {
    return { id, recipient: await recipientOf(await unlockIdentity(left, passphrase)), identityFile }
  }
  const identity = await generateIdentity()
  await writeFileAtomic(identityFile, await protectIdentity(identity, passphrase, compact({ workFactor })), 0o600)
  return { id, recipient: await recipientOf(identity), identityFile }
}

/** All private halves of a workspace have one passphrase, so that a person types it once. */
async function assertSamePassphrase({ layout, manifest }: Workspace, passphrase: string): Promise<void> {
  for (const { id } of manifest.recipients) {
    const text = await readIfThere(identityPath(layout, id))
    if (text !== undefined) return void (await unlockIdentity(text, passphrase))
  }
}

function nextId({ recipients }: Manifest, role: RecipientRole): string {
  for (let n = 2; ; n++) {
    const id = `${role}-${n}`
    if (!recipients.some((known) => known.id === id)) return id
  }
}

function lastOf({ recipients }: Manifest): ManifestRecipient {
  const last = recipients.at(-1)
  if (last === undefined) throw new RequestError("state_conflict", "the manifest has no recipient")
  return last
}

/** The result of the rotation that added an entry: the recipients revoked at that time are those it replaced. */
function resultOf(
  { layout, manifest: { recipients, version } }: Pick<Workspace, "layout" | "manifest">,
  { id, recipient, role, local, addedAt }: ManifestRecipient,
): RotationResult {
  const replaces = recipients.filter((known) => known.role === role && known.revokedAt === addedAt)
  return {
    id,
    recipient,
    ...compact({ identityFile: local ? identityPath(layout, id) : undefined }),
    role,
    replaces: replaces.map((known) => known.id),
    recipientsVersion: version,
    resumed: false,
  }
}

async function recordRotation(workspace: Workspace, result: RotationResult): Promise<void> {
  const { id, role, replaces, recipientsVersion } = result
  await workspace.record(ROTATED, { recipient: id, role, replaces: [...replaces], recipientsVersion })
}
