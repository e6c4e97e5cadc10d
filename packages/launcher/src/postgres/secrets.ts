import { randomBytes } from "node:crypto"
import { readFile } from "node:fs/promises"
import { IntegrityError, tryParseJson } from "@nightlight/core"
import { errnoOf, toReadError, writeFileExclusive } from "@nightlight/durable"
import { z } from "zod"

const Secret = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

const SecretsFile = z.object({ superuser: Secret, owner: Secret, app: Secret }).strict()

/** The passwords of the three roles: 256 random bits each, in base64url. */
export type Secrets = Readonly<z.infer<typeof SecretsFile>>

/** Makes new passwords and writes them to a file that only its owner can read. */
export async function createSecrets(path: string): Promise<Secrets> {
  const secret = () => randomBytes(32).toString("base64url")
  const secrets = { superuser: secret(), owner: secret(), app: secret() }
  await writeFileExclusive(path, `${JSON.stringify(secrets)}\n`, 0o600)
  return secrets
}

/**
 * Reads the passwords.
 *
 * @returns `undefined` if there is no such file.
 * @throws {IntegrityError} `key_unusable` if the file is damaged.
 */
export async function readSecrets(path: string): Promise<Secrets | undefined> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined
    throw toReadError(error, "the file of database passwords")
  })
  if (text === undefined) return undefined
  const parsed = SecretsFile.safeParse(tryParseJson(text))
  if (!parsed.success) throw new IntegrityError("key_unusable", "the file of database passwords is damaged")
  return parsed.data
}
