/**
 * The file that holds the installation's context key.
 * @module
 */
import { randomBytes } from "node:crypto"
import { open } from "node:fs/promises"
import { IntegrityError } from "@nightlight/core"
import { writeFileExclusive } from "@nightlight/vault/durable"

const FILE = /^nightlight-context-key-1 ([0-9a-f]{64})\n$/
const OTHERS = 0o077

/**
 * Makes a context key, 32 random bytes, readable by its owner alone. What is lost with it is every case's context.
 *
 * @throws {RequestError} `state_conflict` if the file exists.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function createContextKey(path: string): Promise<void> {
  await writeFileExclusive(path, `nightlight-context-key-1 ${randomBytes(32).toString("hex")}\n`, 0o600)
}

/**
 * Reads a context key: 32 bytes.
 *
 * @throws {IntegrityError} `key_unusable` if the file is missing, malformed, or open to others.
 */
export async function readContextKey(path: string): Promise<Uint8Array> {
  const handle = await open(path, "r").catch(() => undefined)
  if (handle === undefined) {
    throw new IntegrityError("key_unusable", "the context key is not there", {
      hint: "Bring context.key back from where it was kept: no case's context opens without it.",
    })
  }
  try {
    if (((await handle.stat()).mode & OTHERS) !== 0) {
      throw new IntegrityError("key_unusable", "the context key is open to other users", { hint: "chmod 600 it." })
    }
    const hex = FILE.exec(await handle.readFile("utf8"))?.[1]
    if (hex === undefined) throw new IntegrityError("key_unusable", "the context key's file is damaged")
    return Buffer.from(hex, "hex")
  } finally {
    await handle.close()
  }
}
