/**
 * Opens the keeping of incidents as `guard.yaml` says.
 * @module
 */
import { readFile, stat } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { parseServerAddress } from "@nightlight/contract/client"
import { type Clock, compact, RequestError } from "@nightlight/core"
import type { FindingsConfig } from "./config.ts"
import { type KeepingPlace, openIncidents } from "./open-incidents.ts"
import type { Incidents } from "./ports.ts"

const OTHERS = 0o077

/**
 * Opens the keeping of incidents.
 *
 * @throws {RequestError} `config_invalid` where the server's address or its key's file is not usable; and as {@link
 * openIncidents}.
 */
export async function openConfigured(
  place: KeepingPlace,
  findings: FindingsConfig,
  run: {
    readonly configPath: string
    readonly clock: Clock
    readonly onAlarm: (code: string, exchange?: string) => void
  },
): Promise<Incidents> {
  const { server: _server, keyFile: _keyFile, reserveBytes, ...limits } = findings
  const server = await readFindingsServer(findings, run.configPath)
  return openIncidents({
    ...place,
    limits,
    reserveBytes,
    clock: run.clock,
    onAlarm: run.onAlarm,
    ...compact({ server }),
  })
}

/**
 * Reads the server that incidents are delivered to, and the key for it; `undefined` where they stay in the workspace.
 *
 * @throws {RequestError} `config_invalid` where the address or the key's file is not usable.
 */
export async function readFindingsServer(
  { server, keyFile }: Pick<FindingsConfig, "server" | "keyFile">,
  configPath: string,
): Promise<{ readonly url: URL; readonly key: string } | undefined> {
  const url = server === null ? undefined : findingsServer(server)
  const key = keyFile === null ? undefined : await readKey(resolve(dirname(configPath), keyFile))
  return url === undefined || key === undefined ? undefined : { url, key }
}

function findingsServer(text: string): URL {
  try {
    return parseServerAddress(text)
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    throw new RequestError("config_invalid", `findings.server of guard.yaml: ${error.message}`)
  }
}

async function readKey(path: string): Promise<string> {
  const [text, about] = await Promise.all([readFile(path, "utf8"), stat(path)]).catch(() => [undefined, undefined])
  const key = text?.trim() ?? ""
  if (about !== undefined && (about.mode & OTHERS) === 0 && /^[\x21-\x7e]{1,500}$/.test(key)) return key
  throw new RequestError(
    "config_invalid",
    "findings.keyFile of guard.yaml cannot be read, holds no key, or is open to other users",
  )
}
