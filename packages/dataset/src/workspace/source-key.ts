/**
 * The key that a server knows this workspace by, as a source: it signs what is pushed, and nothing that stays here.
 * Until it is rotated for the first time it is the workspace's signing key.
 * @module
 */
import { access } from "node:fs/promises"
import type { Signer } from "@nightlight/core"
import { openSigner, publicKeyPath, readKeyFile } from "@nightlight/vault"
import type { WorkspaceLayout } from "./layout.ts"

const OTHERS_MAY_WRITE = 0o022

/**
 * Opens the key as it is now; another process may rotate it, so it is asked for each time something is signed to be
 * sent.
 *
 * @throws {IntegrityError} `key_unusable`.
 */
export async function openSourceSigner(layout: WorkspaceLayout): Promise<Signer> {
  return openSigner(await sourceKeyPath(layout))
}

/**
 * Reads the public half: PEM (SPKI, Ed25519), what an administrator of the server enrols.
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

/** Whether there is a file. */
export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
