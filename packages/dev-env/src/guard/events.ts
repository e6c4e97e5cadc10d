import { createHash, randomUUID } from "node:crypto"
import type { Fingerprint, Match } from "@nightlight/core"
import type { BlockEvent } from "@nightlight/guard"

/** A list match, as hash matching returns it. */
export const MATCH: Match = {
  list: "known",
  trust: "trusted",
  entry: 0,
  category: "generated-shapes",
  snapshot: 1,
  hashType: "sha256",
  distanceBits: 0,
  radiusBits: 0,
}

/** An event for a text blocked by a pattern. */
export function textBlock(text: string, changes: Partial<BlockEvent> = {}): BlockEvent {
  const request = { messages: [{ role: "user", content: text }] }
  return {
    exchange: `exchange-${randomUUID()}`,
    at: new Date(),
    endpoint: "chat",
    direction: "input",
    model: "mock-1",
    caller: { id: "our-app", trusted: true },
    outcome: {
      decision: "block",
      action: "block",
      signals: [{ check: "words", rule: "canary", decision: "block", item: 0 }],
      failures: [],
      ran: [],
    },
    items: [{ kind: "text", role: "user", channel: "text", choice: 0, path: "messages[0].content", text }],
    request: { contentType: "application/json", bytes: Buffer.from(JSON.stringify(request)) },
    ...changes,
  }
}

/** An event for a picture blocked by a list match. */
export function pictureBlock(
  bytes: Uint8Array,
  {
    matches = [MATCH],
    fingerprint,
    ...changes
  }: Partial<BlockEvent> & { matches?: Match[]; fingerprint?: Fingerprint } = {},
): BlockEvent {
  const url = `data:image/png;base64,${Buffer.from(bytes).toString("base64")}`
  const request = { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }] }
  const detail = {
    matches,
    weakMatches: [],
    policyDigest: "0".repeat(64),
    fingerprint: fingerprint ?? {
      sizeBytes: bytes.length,
      mediaType: "image/png",
      kind: "unknown",
      md5: createHash("md5").update(bytes).digest("hex"),
      sha1: createHash("sha1").update(bytes).digest("hex"),
      sha256: createHash("sha256").update(bytes).digest("hex"),
    },
  }
  return {
    ...textBlock(""),
    outcome: {
      decision: "quarantine",
      action: "block",
      signals: [{ check: "lists", rule: "trusted-exact", decision: "quarantine", item: 3, detail }],
      failures: [],
      ran: [],
    },
    items: [
      { kind: "bytes", role: "user", channel: "image", choice: 0, path: "messages[0].content[0].image_url.url", bytes },
    ],
    request: { contentType: "application/json", bytes: Buffer.from(JSON.stringify(request)) },
    ...changes,
  }
}
