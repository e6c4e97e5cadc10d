import type { CheckpointRestart } from "@nightlight/contract/custodian"
import type { CheckpointRestartTaken, CheckpointsView } from "@nightlight/contract/server"
import { call } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { type PersonKey, sign } from "../../custody/person-key.ts"

/** Why checkpoints restart from another event. */
export type RestartReason = CheckpointRestart["reason"]

/** Long enough to run the command on the host. */
const VALID_MS = 4 * 3_600_000

/** Signs and sends a restart of checkpoints from the newest event, for the present state of log and custodian. */
export async function signRestart({
  person,
  reason,
  key,
}: {
  readonly person: string
  readonly reason: RestartReason
  readonly key: PersonKey
}): Promise<SchemaOutput<typeof CheckpointRestartTaken>> {
  const { signed, newest = signed } = await call<SchemaOutput<typeof CheckpointsView>>("GET", "/v1/audit/checkpoints")
  const now = Date.now()
  const restart = {
    format: "nightlight-checkpoint-restart/1",
    restartId: `restart-${crypto.randomUUID()}`,
    person,
    reason,
    before: { ...signed },
    start: { ...newest },
    issuedAt: new Date(now).toISOString(),
    expiresAt: new Date(now + VALID_MS).toISOString(),
  } as const satisfies CheckpointRestart
  const proof = { person, signature: await sign("checkpoint-restart", restart, key) }
  return call("POST", "/v1/audit/checkpoint-restarts", { body: { restart, proof } })
}
