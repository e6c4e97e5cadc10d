import { open } from "node:fs/promises"
import { IntegrityError } from "@nightlight/core"
import { errnoOf, toReadError } from "@nightlight/durable"

const MAX_KEY_FILE_BYTES = 64 * 1024

/**
 * Reads a key file and checks that others cannot have read or changed it.
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
    // Checked through the open handle: the name may be exchanged, but not what was opened.
    const found = await handle.stat()
    if (!found.isFile()) throw new IntegrityError("key_unusable", `${path} is not a plain file`)
    if ((found.mode & forbidden) !== 0) {
      throw new IntegrityError("key_unusable", `the key file ${path} can be used by other users of this machine`, {
        hint: "Treat it as leaked: make a new key, or run chmod 600 on it if nobody else has used this machine.",
      })
    }
    if (found.size > MAX_KEY_FILE_BYTES) throw new IntegrityError("key_unusable", `${path} is too long for a key file`)
    return await handle.readFile("utf8")
  } finally {
    await handle.close()
  }
}
