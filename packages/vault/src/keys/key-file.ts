import { open } from "node:fs/promises"
import { IntegrityError } from "@nightlight/core"
import { errnoOf, toReadError } from "@nightlight/durable"

const MAX_KEY_FILE_BYTES = 64 * 1024

/**
 * Reads a key file that others must not have been able to read or change.
 *
 * @param forbidden - Permission bits that must not be set: `0o077` for a secret, `0o022` for a public key.
 * @throws {IntegrityError} `key_unusable` if it is missing, not a plain file, too long, or has a forbidden bit.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function readKeyFile(path: string, forbidden: number): Promise<string> {
  const handle = await open(path, "r").catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") throw new IntegrityError("key_unusable", `there is no key file ${path}`)
    throw toReadError(error, "a key file")
  })
  try {
    // Looked at through the open handle: the name may be exchanged, what was opened cannot.
    const found = await handle.stat()
    if (!found.isFile()) throw new IntegrityError("key_unusable", `${path} is not a plain file`)
    if ((found.mode & forbidden) !== 0) {
      throw new IntegrityError("key_unusable", `the key file ${path} can be used by other users of this machine`, {
        hint: "Take it for leaked: make a new key, or run chmod 600 on it if no one else has been here.",
      })
    }
    if (found.size > MAX_KEY_FILE_BYTES) throw new IntegrityError("key_unusable", `${path} is too long for a key file`)
    return await handle.readFile("utf8")
  } finally {
    await handle.close()
  }
}
