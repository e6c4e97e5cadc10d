/**
 * Rotates the key by which a server knows the workspace as a source.
 * @module
 */
import { readFile, rename } from "node:fs/promises"
import { dirname } from "node:path"
import { createIntakeClient, type IntakeClient, parseServerAddress } from "@nightlight/contract/client"
import { SOURCE_HANDOVER, SourceHandoverBody } from "@nightlight/contract/server"
import { RequestError, type Signer } from "@nightlight/core"
import { exists, syncDir } from "@nightlight/durable"
import { createSigningKey, openSigner, publicKeyPath, signHandover } from "@nightlight/vault"
import { readAuditEvents } from "@nightlight/vault/audit"
import { type RetryOptions, withRetries } from "../push/retry.ts"
import type { WorkspaceLayout } from "../workspace/layout.ts"
import { openSourceSigner } from "../workspace/source-key.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { withKeyRotation } from "./one-rotation.ts"
import { unreportedRotation } from "./unreported-rotation.ts"

/** Type of the rotation's event in the workspace's log. */
export const SOURCE_ROTATED = "source.rotated"

/** The server and the key for a rotation of the source's key. */
export interface SourceRotationRequest {
  /** Address of the server, such as `https://nightlight.example`. */
  readonly server: string
  /** A key of that server with the scope `findings:push`, bound to this workspace's source. */
  readonly key: string
  readonly retry?: RetryOptions
  /** As for `rotateRecipient`: until it has returned, the same call returns the same result again. */
  readonly onRotated?: (result: SourceRotation) => void
}

/** The result of a rotation. */
export interface SourceRotation {
  /** The server's name for this workspace. */
  readonly source: string
  /** Id of the key that signs pushed findings from now on. */
  readonly keyId: string
  /** Id of the key that the server refuses from now on. */
  readonly replaces: string
  /** Whether an earlier call, killed before its end, had begun it; then no other key was made. */
  readonly resumed: boolean
}

const COMMAND = "nightlight keys rotate source"
const RETRY: RetryOptions = { tries: 6, delayMs: 500 }

/**
 * Makes a key beside the old one, gives it to the server with a handover that both keys sign, and puts it in the old
 * one's place. After a kill at any point the same call continues: the server's current key shows whether it accepted
 * the handover.
 *
 * @throws {RequestError} `input_invalid`; `state_conflict` if the server knows this workspace by another key; the
 * server's refusals.
 * @throws {DependencyError} `locked`; `unavailable` and others when the server cannot be reached: both keys exist, and
 * the old one signs; `disk_full`, `write_failed`.
 * @throws {IntegrityError} `key_unusable`, `audit_chain_broken`.
 */
export async function rotateSourceKey(
  workspace: Workspace,
  request: SourceRotationRequest,
  signal: AbortSignal,
): Promise<SourceRotation> {
  const client = createIntakeClient({
    server: parseServerAddress(request.server),
    key: request.key,
    signal,
    hint: `Nothing is lost: ${COMMAND} continues from here.`,
  })
  return withKeyRotation(workspace, async (fresh) => {
    const unreported = unreportedRotation(fresh.layout, "source")
    const noted = readNote(await unreported.read())
    const present = await openSourceSigner(fresh.layout)
    const isSwapped = noted !== undefined && noted.keyId === present.keyId
    const { keyId, replaces } = isSwapped ? noted : await makeNext(fresh.layout, present)
    if (!isSwapped) await unreported.note(`${keyId} ${replaces}`)
    const take = () => handOverKey(client, fresh, { keyId, replaces })
    const source = await withRetries(take, request.retry ?? RETRY, signal)
    await swap(fresh.layout)
    const result = { source, keyId, replaces, resumed: noted?.keyId === keyId }
    await recordOnce(fresh, result)
    request.onRotated?.(result)
    await unreported.clear()
    return result
  })
}

/** The new key and the old one. */
interface Rotation {
  readonly keyId: string
  readonly replaces: string
}

async function makeNext(layout: WorkspaceLayout, present: Signer): Promise<Rotation> {
  const next = nextPath(layout)
  if (!(await exists(next))) await createSigningKey(next)
  const { keyId } = await openSigner(next)
  return { keyId, replaces: present.keyId }
}

/** Hands over unless the server has the new key already. Returns its name for this workspace. */
async function handOverKey(client: IntakeClient, { layout, clock }: Workspace, rotation: Rotation): Promise<string> {
  const { source, keyId } = await client.ownSource()
  if (keyId === rotation.keyId) return source
  const from = await openSourceSigner(layout)
  if (keyId !== rotation.replaces || from.keyId !== rotation.replaces) {
    throw new RequestError("state_conflict", "the server knows this workspace by another key", {
      hint: "Was its database restored, or is this the key of another source? An administrator enrols what nightlight source show prints.",
    })
  }
  const publicKey = await readFile(publicKeyPath(nextPath(layout)), "utf8")
  const body = { source, publicKey, at: clock.now().toISOString() }
  const handover = signHandover(body, SOURCE_HANDOVER, from, await openSigner(nextPath(layout)))
  await client.handOver(SourceHandoverBody.parse(handover))
  return source
}

/** The private half first: once it is in place, the public one follows here or in the next call. */
async function swap(layout: WorkspaceLayout): Promise<void> {
  const { sourceKey } = layout
  const next = nextPath(layout)
  if (await exists(next)) await rename(next, sourceKey)
  if (await exists(publicKeyPath(next))) await rename(publicKeyPath(next), publicKeyPath(sourceKey))
  await syncDir(dirname(sourceKey))
}

async function recordOnce(workspace: Workspace, { source, keyId, replaces }: SourceRotation): Promise<void> {
  for await (const { type, data } of readAuditEvents(workspace.layout.audit)) {
    if (type === SOURCE_ROTATED && data["key"] === keyId) return
  }
  await workspace.record(SOURCE_ROTATED, { source, key: keyId, replaces })
}

function readNote(text: string | undefined): Rotation | undefined {
  const [, keyId, replaces] = /^([0-9a-f]{16}) ([0-9a-f]{16})$/.exec(text ?? "") ?? []
  return keyId === undefined || replaces === undefined ? undefined : { keyId, replaces }
}

function nextPath({ sourceKey }: WorkspaceLayout): string {
  return `${sourceKey}.next`
}
