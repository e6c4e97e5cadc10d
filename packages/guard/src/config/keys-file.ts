/**
 * The file of keys that may call. It holds only digests, so reading it reveals no key.
 * @module
 */
import { dirname, resolve } from "node:path"
import { compact, RequestError } from "@nightlight/core"
import { z } from "zod"
import type { GuardKey } from "../accounts/guard-key.ts"
import { type ReadText, readText } from "../files/config-files.ts"
import { readYaml } from "../files/read-yaml.ts"

/** Schema of the keys file. */
export const KeysFile = z.strictObject({
  version: z.literal(1),
  keys: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z0-9-]{1,40}$/),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        trusted: z.boolean().default(false),
        expires: z.iso.datetime().exactOptional(),
        headerSecretFile: z.string().min(1).exactOptional(),
      }),
    )
    .min(1)
    .max(10_000),
})

/** Keys, and the files that were read for them. */
export interface ReadKeys {
  readonly keys: readonly GuardKey[]
  readonly files: readonly string[]
}

/** Reads the keys. @throws {RequestError} `config_invalid`, also when two are alike or a secret's file is missing. */
export async function readKeys(path: string, read: ReadText = readText): Promise<ReadKeys> {
  const { keys } = await readYaml(path, "the keys file", KeysFile, read)
  if (
    new Set(keys.map(({ id }) => id)).size < keys.length ||
    new Set(keys.map(({ sha256 }) => sha256)).size < keys.length
  ) {
    throw new RequestError("config_invalid", "two keys of the keys file have the same id or digest")
  }
  const files = [path]
  const withSecrets = await Promise.all(
    keys.map(async ({ id, sha256, trusted, expires, headerSecretFile }): Promise<GuardKey> => {
      const key = compact({ id, sha256, trusted, expires })
      if (headerSecretFile === undefined) return key
      const file = resolve(dirname(path), headerSecretFile)
      files.push(file)
      return { ...key, headerSecret: await readSecret(file, read) }
    }),
  )
  return { keys: withSecrets, files }
}

async function readSecret(path: string, read: ReadText): Promise<Uint8Array> {
  const text = await read(path).catch(() => undefined)
  const secret = text?.trim()
  if (secret !== undefined && secret.length >= 32) return Buffer.from(secret)
  throw new RequestError("config_invalid", "a header secret's file cannot be read, or has fewer than 32 characters")
}
