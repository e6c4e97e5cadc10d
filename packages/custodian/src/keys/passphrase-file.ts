import { readKeyFile } from "@nightlight/vault"

/**
 * Reads a passphrase from the first line of a file that only its owner may read.
 *
 * @throws {IntegrityError} `key_unusable` if it is missing, open to others or empty.
 */
export async function readPassphraseFile(path: string): Promise<string> {
  const text = await readKeyFile(path, 0o077)
  return text.split(/\r?\n/, 1)[0] ?? ""
}
