/**
 * The key by which a server knows this workspace as a source: it signs what is pushed, and no document of the
 * workspace. Until its first rotation it is the workspace's signing key.
 * @module
 */

import type { Signer } from "@nightlight/core"
import { exists } from "@nightlight/durable"
import { openSigner, publicKeyPath, readKeyFile } from "@nightlight/vault"
import type { WorkspaceLayout } from "./layout.ts"

const OTHERS_MAY_WRITE = 0o022

/**
 * Opens the current key. Another process may rotate it, so it is opened each time something is signed to be sent.
 *
 * @throws {IntegrityError} `key_unusable`.
 */
export async function openSourceSigner(layout: WorkspaceLayout): Promise<Signer> {
  return openSigner(await sourceKeyPath(layout))
}

/**
 * Reads the public half: PEM (SPKI, Ed25519), which an administrator enrols at the server.
 *
 * @throws {IntegrityError} `key_unusable`.
 */
export async function readSourcePublicKey(layout: WorkspaceLayout): Promise<string> {
  return readKeyFile(publicKeyPath(await sourceKeyPath(layout)), OTHERS_MAY_WRITE)
}

/** File of the private half. */
export async function sourceKeyPath({ sourceKey, signingKey }: WorkspaceLayout): Promise<string> {
  return (await exists(sourceKey)) ? sourceKey : signingKey
}
