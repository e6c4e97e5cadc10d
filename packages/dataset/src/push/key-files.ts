/**
 * Files with keys that pushing needs.
 * @module
 */
import { resolve } from "node:path"
import { readKeyFile } from "@nightlight/vault"
import type { Workspace } from "../workspace/open.ts"

const OTHERS = 0o077
const OTHERS_MAY_WRITE = 0o022

/**
 * Reads a file that holds a secret and that its owner alone may read.
 *
 * @param cwd - What a relative path starts from.
 * @throws {IntegrityError} `key_unusable` if it is missing, no plain file, too long, or open to other users.
 */
export function readSecretFile(cwd: string, path: string): Promise<string> {
  return readKeyFile(resolve(cwd, path), OTHERS)
}

/**
 * Reads a workspace's public key: PEM (SPKI, Ed25519).
 *
 * @throws {IntegrityError} `key_unusable`.
 */
export function readPublicKey({ layout }: Workspace): Promise<string> {
  return readKeyFile(layout.signingPublic, OTHERS_MAY_WRITE)
}
