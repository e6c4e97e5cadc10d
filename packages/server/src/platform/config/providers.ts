import { open } from "node:fs/promises"
import { isAbsolute, join } from "node:path"
import { firstLineOf, RequestError } from "@nightlight/core"

import type { ServerConfig } from "./schema.ts"

const OTHERS = 0o077

/**
 * Reads the secrets of the single sign-on providers.
 *
 * @param dir - Folder that relative names of files are in.
 * @throws {RequestError} `config_invalid` if a file is missing, empty or open to others.
 */
export async function readProviders({ signIn }: ServerConfig, dir: string): Promise<readonly OidcProvider[]> {
  return Promise.all(
    signIn.providers.map(async ({ clientSecretFile, ...provider }) => {
      if (clientSecretFile === null) return provider
      const path = isAbsolute(clientSecretFile) ? clientSecretFile : join(dir, clientSecretFile)
      return { ...provider, clientSecret: await readSecret(path, provider.id) }
    }),
  )
}

async function readSecret(path: string, id: string): Promise<string> {
  const invalid = (what: string) =>
    new RequestError("config_invalid", `the client secret's file ${what}`, { details: { provider: id } })
  const file = await open(path, "r").catch(() => {
    throw invalid("cannot be read")
  })
  try {
    if (((await file.stat()).mode & OTHERS) !== 0) throw invalid("is open to other users")
    const line = firstLineOf(await file.readFile("utf8"))
    if (line === "") throw invalid("is empty")
    return line
  } finally {
    await file.close()
  }
}

/** An OpenID Connect issuer that staff may sign in with. */
export interface OidcProvider {
  /** Short id, used in URLs. */
  readonly id: string
  /** Text of the button. */
  readonly label: string
  /** Issuer's URL; plain http only on loopback. */
  readonly issuer: string
  readonly clientId: string
  /** Absent for a public client. */
  readonly clientSecret?: string
}
