/**
 * The guard of the demonstration's chat service. No model is behind it: it only gets conversations that it blocks.
 * @module
 */
import { createHash } from "node:crypto"
import { join } from "node:path"
import { DependencyError } from "@nightlight/core"
import { guardKeeping, openWorkspace } from "@nightlight/dataset"
import { writeFileAtomic } from "@nightlight/durable"
import { type Accounts, type Guard, startGuard } from "@nightlight/guard"
import { stringify } from "yaml"
import { pictureOf } from "../generated/make-dataset.ts"
import { SIDE, sent } from "./material.ts"

/** Starts the guard on two free ports of the loopback address. The key for the server is kept for later starts. */
export async function startChatGuard(dataDir: string, server: string, key?: string): Promise<Guard> {
  const workspace = await openWorkspace(dataDir)
  await workspace.refreshIndex()
  const { layout, verifier } = workspace
  const configPath = join(dataDir, "guard.yaml")
  const config = {
    version: 1,
    endpoints: ["chat"],
    checks: [{ kind: "hash-match" }, { kind: "patterns", name: "words", file: "guard-words.yaml" }],
    // As for the custodian: all pictures are generated shapes.
    decoder: { withoutIsolation: "accept" },
    findings: { server, keyFile: "guard-server-key" },
  }
  const words = { version: 1, rules: [{ name: "shapes", phrases: ["seven-cornered circle"] }] }
  if (key !== undefined) await writeFileAtomic(join(dataDir, "guard-server-key"), key, 0o600)
  await writeFileAtomic(join(dataDir, "guard-words.yaml"), stringify(words), 0o600)
  await writeFileAtomic(configPath, stringify(config), 0o600)
  return startGuard({
    configPath,
    workspace: { indexDir: layout.index, verifier, policy: await workspace.readPolicy() },
    upstreamUrl: "http://127.0.0.1:9/v1",
    port: 0,
    adminPort: 0,
    decoderProcesses: 1,
    keeping: guardKeeping(workspace),
    accounts,
  })
}

/** Stands in for the chat service's signed headers. The address is from a range reserved for documentation. */
const accounts: Accounts = {
  read: ({ "x-nightlight-user": account = "" }) => {
    const id = String(account)
    const user = { id, ip: "192.0.2.10", port: 40_000, at: new Date().toISOString(), conversation: `chat-of-${id}` }
    const digest = createHash("sha256").update(id).digest("hex")
    return { user, record: { account: digest, ageBand: "unknown", heat: 0, step: "none" } }
  },
  blocked: () => undefined,
}

/** Sends made-up conversations, each with a picture that the guard blocks. */
export async function sendConversations(guardUrl: string, signal: AbortSignal): Promise<void> {
  for (const { place, ...picture } of sent) {
    const base64 = Buffer.from(await pictureOf(picture, SIDE)).toString("base64")
    const messages = [
      { role: "user", content: "Draw a landscape with two suns." },
      {
        role: "user",
        content: [
          { type: "text", text: "Now in the style of this picture, with a blue triangle." },
          { type: "image_url", image_url: { url: `data:image/jpeg;base64,${base64}` } },
        ],
      },
    ]
    const { status } = await fetch(`${guardUrl}/chat/completions`, {
      method: "POST",
      signal,
      headers: { "content-type": "application/json", "x-nightlight-user": place },
      body: JSON.stringify({ model: "shapes-large", messages }),
    })
    if (status !== 400) throw new DependencyError("answer_malformed", `the guard answered ${status}, not with a block`)
  }
}
