/**
 * Enrols what may push findings, and pushes.
 * @module
 */
import { readFile } from "node:fs/promises"
import { PUSHED_FINDING_FORMAT, type PushAnswer } from "@nightlight/contract/server"
import { DependencyError, type JsonValue } from "@nightlight/core"
import { signDocument } from "@nightlight/durable"
import type { z } from "zod"
import { type Caller, createCaller } from "./caller.ts"
import type { ChatService, SealedExchange } from "./exchanges.ts"
import type { Office } from "./invite-people.ts"

/** An enrolled source with a key of its own. */
export interface Source {
  readonly id: string
  readonly token: string
}

const KEY_DAYS = 90

/** Enrols a source by its public key, and makes a key that pushes for it. */
export async function enrolSource(
  { first }: Pick<Office, "first">,
  {
    name,
    publicKey,
    namesAccounts,
  }: { readonly name: string; readonly publicKey: string; readonly namesAccounts: boolean },
): Promise<Source> {
  const { source } = await first.must<{ readonly source: string }>("POST", "/v1/sources", {
    name,
    publicKey,
    namesAccounts,
  })
  const { token } = await first.must<{ readonly token: string }>("POST", "/v1/keys", {
    name,
    source,
    scopes: ["findings:push"],
    expiresInDays: KEY_DAYS,
  })
  return { id: source, token }
}

/** Pushes what the chat service withheld: findings first, then the sealed files that are asked for. */
export async function pushExchanges(
  { origin, signal }: Pick<Office, "origin" | "signal">,
  { id, token }: Source,
  { signer }: Pick<ChatService, "signer">,
  sealed: readonly SealedExchange[],
): Promise<void> {
  const caller: Caller = createCaller(origin, signal)
  const lines = sealed.map(({ finding, account }) => {
    const body = {
      format: PUSHED_FINDING_FORMAT,
      source: id,
      finding: finding as unknown as JsonValue,
      exchange: account === undefined ? {} : { account: { id: account } },
    }
    return `${JSON.stringify(signDocument(body, signer))}\n`
  })
  const { refused } = await caller.send<z.infer<typeof PushAnswer>>({
    method: "POST",
    path: "/v1/findings",
    body: lines.join(""),
    type: "application/x-ndjson",
    key: token,
  })
  if (refused > 0) throw new DependencyError("answer_malformed", `the service refused ${refused} findings`)
  for (const { finding, path } of sealed) {
    await caller.send({
      method: "PUT",
      path: `/v1/evidence/${finding.evidence?.id}`,
      key: token,
      body: new Uint8Array(await readFile(path)),
      type: "application/octet-stream",
    })
  }
}
