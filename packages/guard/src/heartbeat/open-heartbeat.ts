import { createIntakeClient } from "@nightlight/contract/client"
import type { FindingsConfig } from "../incidents/config.ts"
import { readFindingsServer } from "../incidents/open-configured.ts"
import { type Heartbeat, type HeartbeatOptions, startHeartbeat } from "./heartbeat.ts"

/**
 * Starts the heartbeat to the server that `findings` of `guard.yaml` names. Without a server, a guard reports to nobody:
 * the result is `undefined`.
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
  const client = createIntakeClient({
    server: server.url,
    key: server.key,
    signal: new AbortController().signal,
  })
  return startHeartbeat({ ...options, client })
}
