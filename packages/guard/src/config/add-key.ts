/**
 * Makes a key that may call. The key is shown once; only its digest is kept.
 * @module
 */
import { createHash, randomBytes } from "node:crypto"
import { readFile } from "node:fs/promises"
import { hasCode, RequestError } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
import { parseGuardYaml } from "../files/read-yaml.ts"
import { KeysFile } from "./keys-file.ts"

/** A new key. */
export interface AddedKey {
  readonly id: string
  readonly trusted: boolean
  /** For the caller only: it is stored nowhere. */
  readonly key: string
}

/**
 * Adds a key to the keys file; creates the file (0600) where there is none.
 *
 * @throws {RequestError} `input_invalid` for a malformed id, `state_conflict` where the id is taken, `config_invalid`.
 */
export async function addKey(path: string, id: string, trusted: boolean): Promise<AddedKey> {
  if (!/^[a-z0-9-]{1,40}$/.test(id))
    throw new RequestError("input_invalid", "a key's name must have 1 to 40 characters of a-z, 0-9 and -")
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return "version: 1\nkeys:\n"
    throw new RequestError("config_invalid", "the keys file cannot be read")
  })
  const isNew = !/^\s*-/m.test(text)
  if (!isNew && parseGuardYaml(text, "the keys file", KeysFile).keys.some((known) => known.id === id)) {
    throw new RequestError("state_conflict", "a key of that name exists already")
  }
  const key = `nlg-${randomBytes(32).toString("base64url")}`
  const sha256 = createHash("sha256").update(key).digest("hex")
  const line = `  - { id: ${id}, sha256: "${sha256}", trusted: ${trusted} }\n`
  const next = `${text.endsWith("\n") ? text : `${text}\n`}${line}`
  parseGuardYaml(next, "the keys file", KeysFile)
  await writeFileAtomic(path, next, 0o600)
  return { id, trusted, key }
}
