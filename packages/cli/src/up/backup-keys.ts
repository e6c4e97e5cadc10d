/**
 * The recovery keys of the workspace, to which backups are sealed and which open them.
 * @module
 */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { hasCode, IntegrityError, RequestError } from "@nightlight/core"
import type { Unseal } from "@nightlight/launcher"
import { activeRecipients, openVerifier, readManifest } from "@nightlight/vault"
import { unlockIdentity, unseal } from "@nightlight/vault/open"

/**
 * The public keys that a backup is sealed to: the active recovery keys, by the workspace's signed manifest.
 *
 * @throws {IntegrityError} `manifest_untrusted` if there is none that the workspace signed; `key_unusable`.
 */
export async function backupRecipients(dataDir: string): Promise<readonly string[]> {
  const keys = join(dataDir, "keys")
  const verifier = await openVerifier(join(keys, "signing.pem.pub")).catch((error: unknown) => {
    if (!hasCode(error, "key_unusable")) throw error
    throw new IntegrityError("key_unusable", "a backup needs a recovery key to be sealed to", {
      hint: "Make the keys first: nightlight custodian init.",
    })
  })
  const manifest = await readManifest(join(keys, "recipients.json"), verifier)
  return activeRecipients(manifest)
    .filter(({ role }) => role === "recovery")
    .map(({ recipient }) => recipient)
}

/**
 * Opens the private halves of recovery keys.
 *
 * @param files - Where they lie; the folder's own `keys/recovery.age` if none is named.
 * @throws {RequestError} `not_found` if a file is missing; `passphrase_wrong`, `key_malformed`.
 */
export async function openRecoveryKeys(
  dataDir: string,
  files: readonly string[],
  passphrase: string,
): Promise<readonly string[]> {
  const paths = files.length > 0 ? files : [join(dataDir, "keys", "recovery.age")]
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(path, "utf8").catch(() => {
        throw new RequestError("not_found", "the recovery key that opens backups is missing", {
          hint: "Copy its file here, encrypted under the passphrase, and name it with --identity FILE.",
        })
      })
      return unlockIdentity(text, passphrase)
    }),
  )
}

/** Decrypts with identities. */
export function unsealWith(identities: readonly string[]): Unseal {
  return (ciphertext) => unseal(ciphertext, identities)
}
