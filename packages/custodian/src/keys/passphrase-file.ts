import { firstLineOf } from "@nightlight/core"
import { readKeyFile } from "@nightlight/vault"

/**
 * Reads a passphrase from the first line of a file that only its owner may read.
 *
 * @throws {IntegrityError} `key_unusable` if it is missing, open to others or empty.
 */
export async function readPassphraseFile(path: string): Promise<string> {
  return firstLineOf(await readKeyFile(path, 0o077))
}
