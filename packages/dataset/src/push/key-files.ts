/**
 * Reads the key files that pushing needs.
 * @module
 */
import { resolve } from "node:path"
import { readKeyFile } from "@nightlight/vault"
import { readSourcePublicKey } from "../workspace/source-key.ts"
import type { Workspace } from "../workspace/workspace.ts"

const OTHERS = 0o077

/**
 * Reads a file with a secret that only its owner may read.
 *
 * @param cwd - Base of a relative path.
 * @throws {IntegrityError} `key_unusable` if it is missing, not a plain file, too long, or open to other users.
 */
export function readSecretFile(cwd: string, path: string): Promise<string> {
  return readKeyFile(resolve(cwd, path), OTHERS)
}

/**
 * Reads the public key that a server knows a workspace by: PEM (SPKI, Ed25519).
 *
 * @throws {IntegrityError} `key_unusable`.
 */
export function readPublicKey({ layout }: Pick<Workspace, "layout">): Promise<string> {
  return readSourcePublicKey(layout)
}
