import type { FindingsConfig } from "../incidents/config.ts"
import { readFindingsServer } from "../incidents/open-configured.ts"
import { createServerClient } from "../incidents/server-client.ts"
import { type Heartbeat, type HeartbeatOptions, startHeartbeat } from "./heartbeat.ts"

/**
 * Starts telling the server that `findings` of `guard.yaml` names; `undefined` where it names none: a guard that stands
 * alone tells nobody.
 *
 * @throws {RequestError} `config_invalid` where the address or the key's file is not usable.
 */
export async function openHeartbeat(
  findings: FindingsConfig,
  configPath: string,
  options: Omit<HeartbeatOptions, "client">,
): Promise<Heartbeat | undefined> {
  const server = await readFindingsServer(findings, configPath)
  if (server === undefined) return undefined
  const client = createServerClient(server.url, server.key, new AbortController().signal)
  return startHeartbeat({ ...options, client })
}
