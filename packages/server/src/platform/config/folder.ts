import { join } from "node:path"
import { ensureDirPrivate, exists, writeFileAtomic } from "@nightlight/durable"
import { createDigestKey } from "@nightlight/vault"
import { createContextKey } from "../context-keys/key-file.ts"
import { DEFAULT_SERVER_YAML, DEFAULT_SOCKET } from "./default-text.ts"

/** The paths in a server's folder. */
export interface ServerFolder {
  readonly config: string
  readonly contextKey: string
  readonly digestKey: string
}

/** Paths of a server's folder. */
export function serverFolder(dir: string): ServerFolder {
  return { config: join(dir, "server.yaml"), contextKey: join(dir, "context.key"), digestKey: join(dir, "digest.key") }
}

/**
 * Makes a server's folder (0700) and everything missing in it, keys first and the configuration last, which marks it as
 * complete. A folder that has its configuration is left alone: a key that is missing there was lost, and a new one
 * would hide that.
 *
 * @param custodianSocket - Where the custodian listens, if not in `../custodian`.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function ensureServerFolder(dir: string, custodianSocket?: string): Promise<ServerFolder> {
  const folder = serverFolder(dir)
  if (await exists(folder.config)) return folder
  await ensureDirPrivate(dir)
  if (!(await exists(folder.contextKey))) await createContextKey(folder.contextKey)
  if (!(await exists(folder.digestKey))) await createDigestKey(folder.digestKey)
  const text =
    custodianSocket === undefined
      ? DEFAULT_SERVER_YAML
      : DEFAULT_SERVER_YAML.replace(DEFAULT_SOCKET, JSON.stringify(custodianSocket))
  await writeFileAtomic(folder.config, text, 0o600)
  return folder
}
