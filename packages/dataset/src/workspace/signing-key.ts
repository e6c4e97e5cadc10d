/**
 * The current key that signs a workspace's documents; it may be rotated while other commands and guards run.
 * @module
 */
import { rename, rm } from "node:fs/promises"
import { dirname } from "node:path"
import { IntegrityError, type Signer } from "@nightlight/core"
import { exists, syncDir } from "@nightlight/durable"
import { openSigner, presentKeyId, publicKeyPath } from "@nightlight/vault"
import type { WorkspaceLayout } from "./layout.ts"

/** Path of a private half that waits for its handover. */
export function nextSigningKey({ signingKey }: Pick<WorkspaceLayout, "signingKey">): string {
  return `${signingKey}.next`
}

/**
 * Opens the key that the public file hands over to last. A rotation that was killed between the handover and the
 * private half's rename is completed.
 *
 * @throws {IntegrityError} `key_unusable`; also if the private half in place belongs to an earlier key.
 */
export async function openPresentSigner(layout: WorkspaceLayout): Promise<Signer> {
  const { signingKey, signingPublic } = layout
  const [present, keyId] = [await openSigner(signingKey), await presentKeyId(signingPublic)]
  if (present.keyId === keyId) return present
  const next = nextSigningKey(layout)
  const waiting = (await exists(next)) ? await openSigner(next) : undefined
  if (waiting?.keyId === keyId) {
    // Another process may have done it meanwhile.
    await rename(next, signingKey).catch(() => undefined)
    await rm(publicKeyPath(next), { force: true })
    await syncDir(dirname(signingKey))
  }
  const ended = await openSigner(signingKey)
  if (ended.keyId === keyId) return ended
  throw new IntegrityError("key_unusable", "the signing key is not the one of the last handover", {
    hint: "An old key was put back: restore keys/signing.pem of the last handover, or its copy.",
  })
}
