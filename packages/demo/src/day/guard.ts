/**
 * Stands in for the guard of the demonstration's chat service: no guard runs, but incidents are kept, delivered and
 * reported by a guard's own code. Counts and conversations are made up.
 * @module
 */
import { createHash, randomUUID } from "node:crypto"
import type { GuardHeartbeat } from "@nightlight/contract/server"
import { compact, systemClock } from "@nightlight/core"
import { guardKeeping, listWorkspaceLists, openWorkspace } from "@nightlight/dataset"
import { type BlockEvent, openIncidents } from "@nightlight/guard"
import { pictureOf } from "../generated/make-dataset.ts"
import { createCaller, waitUntil } from "./caller.ts"
import type { Site } from "./invite-people.ts"
import { LISTS, type Material, type Plant, SIDE } from "./material.ts"

const LIMITS = { maxRecords: 100, maxBytes: 100_000_000, perAccountDaily: 100, perKeyDaily: 100 }

/** Delivers incidents of the chat service: sealed pictures from requests. */
export async function deliverBlocks(
  { origin, signal }: Pick<Site, "origin" | "signal">,
  { workspace, exchanges, lists }: Material,
  key: string,
): Promise<void> {
  await lists
  let alarm = ""
  const keeping = await openIncidents({
    ...guardKeeping(workspace),
    limits: LIMITS,
    clock: systemClock,
    server: { url: new URL(origin), key },
    onAlarm: (code) => {
      alarm = code
    },
  })
  try {
    for (const plant of exchanges) await keeping.block(await blockOf(plant))
    await waitUntil(`the blocks to be delivered ${alarm}`, signal, async () => keeping.state().spooled === 0)
  } finally {
    await keeping.close()
  }
}

async function blockOf({ list, kind, seed, place }: Plant): Promise<BlockEvent> {
  const bytes = await pictureOf({ seed, kind }, SIDE)
  const isCertain = kind === "exact" && list === "known-shapes"
  const decision = isCertain ? "quarantine" : "review"
  const { trust, category } = LISTS[list]
  const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest("hex")
  const sha256 = digest("sha256")
  const match = { list, trust, category, entry: 0, snapshot: 1, distanceBits: 0, radiusBits: 0 } as const
  const detail = {
    matches: [{ ...match, hashType: kind === "exact" ? "sha256" : "pdq" }],
    weakMatches: [],
    policyDigest: sha256,
    fingerprint: {
      sizeBytes: bytes.length,
      mediaType: "image/jpeg",
      kind: "picture",
      md5: digest("md5"),
      sha1: digest("sha1"),
      sha256,
    },
  }
  const url = `data:image/jpeg;base64,${Buffer.from(bytes).toString("base64")}`
  const messages = [
    { role: "user", content: "Draw a landscape with two suns." },
    { role: "assistant", content: "Two suns over low hills: done." },
    {
      role: "user",
      content: [
        { type: "text", text: "Now in the style of this picture, with a blue triangle." },
        { type: "image_url", image_url: { url } },
      ],
    },
  ]
  const request = { model: "shapes-large", messages }
  const at = new Date()
  const event: BlockEvent = {
    exchange: `exchange-${randomUUID()}`,
    at,
    endpoint: "chat",
    direction: "input",
    model: request.model,
    caller: { id: "chat-app", trusted: true },
    outcome: {
      decision,
      action: "block",
      signals: [
        { check: "known-pictures", rule: isCertain ? "trusted-digest" : "look-alike", decision, item: 0, detail },
      ],
      failures: [],
      ran: [],
    },
    items: [
      { kind: "bytes", role: "user", channel: "image", choice: 0, path: "messages[2].content[1].image_url.url", bytes },
    ],
    request: { contentType: "application/json", bytes: Buffer.from(JSON.stringify(request)) },
  }
  if (place === "") return event
  // The address is from a range reserved for documentation.
  const user = { id: place, ip: "192.0.2.10", port: 40_000, at: at.toISOString(), conversation: `conversation-${seed}` }
  return { ...event, user }
}

const BEAT_MS = 60_000
const SURFACES = ["chat.input.text", "chat.input.image", "chat.output.text", "images.generations.output.image"]

/** Heartbeats of the stand-in guard. */
export interface Heartbeat {
  stop(): Promise<void>
}

/** Sends a heartbeat every minute, and a last one when it stops. A heartbeat that fails is sent again. */
export async function startHeartbeat(origin: string, dataDir: string, key: string): Promise<Heartbeat> {
  const workspace = await openWorkspace(dataDir)
  const { name, digest } = await workspace.readPolicy()
  const lists = (await listWorkspaceLists(workspace)).map(({ counts, version, ...list }) =>
    compact({
      name: list.name,
      trust: list.trust,
      radiusBits: list.radiusBits,
      snapshot: version,
      entries: counts.md5 + counts.sha1 + counts.sha256 + counts.pdq,
      asOf: list.asOf,
    }),
  )
  const report: Omit<GuardHeartbeat, "state"> = {
    instance: `guard-${randomUUID()}`,
    version: "0.1.0",
    startedAt: new Date().toISOString(),
    ready: true,
    faults: [],
    config: "demonstration",
    policy: { name, digest },
    isolation: "bwrap+seccomp",
    lists: { screens: true, lists },
    surfaces: SURFACES.map((surface) => ({ surface, checks: ["known-pictures"], screened: true })),
    counts: {
      requests: 18_240,
      passed: 18_144,
      blockedInput: 29,
      blockedOutput: 7,
      unavailable: 3,
      refused: 41,
      upstreamFailed: 9,
      gone: 7,
      unscreened: 0,
      checkFailures: 2,
    },
    spool: { records: 0, accepting: true },
  }
  const caller = createCaller(origin, new AbortController().signal, key)
  const beat = async (state: GuardHeartbeat["state"]) => {
    await caller.callOrThrow("PUT", "/v1/guards/self", { ...report, state }).catch(() => undefined)
  }
  await beat("running")
  const timer = setInterval(() => void beat("running"), BEAT_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      await beat("stopped")
    },
  }
}
