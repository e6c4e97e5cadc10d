/**
 * Finds as intake gives them: random digests, invented places.
 */
import { randomBytes, randomUUID } from "node:crypto"
import type { Match } from "@nightlight/core"
import type { IncomingItem, ItemOrigin } from "../../../src/casework/cases/types.ts"

/** A random keyed digest or finding id. */
export function hex64(): string {
  return randomBytes(32).toString("hex")
}

/** A match of a list. */
export function aMatch(of: Partial<Match> = {}): Match {
  return {
    list: "partner-list",
    trust: "trusted",
    entry: 3,
    entryId: "entry-3",
    category: "a1",
    snapshot: 1,
    hashType: "sha256",
    distanceBits: 0,
    radiusBits: 0,
    ...of,
  }
}

/** The origin of an item in a dataset. */
export function inDataset(of: Partial<Extract<ItemOrigin, { kind: "dataset" }>> = {}): ItemOrigin {
  const { datasetKey = hex64(), hostKey, scan = `scan-${randomUUID()}`, shard = "canary-shard.tar", ordinal = 7 } = of
  return { kind: "dataset", datasetKey, hostKey, scan, shard, ordinal }
}

/** An item; a direct one with one exact match of a trusted list unless said otherwise. */
export function anItem(of: Partial<IncomingItem> = {}): IncomingItem {
  const matches = of.matches ?? [aMatch()]
  return {
    findingId: hex64(),
    source: "source-1",
    origin: { kind: "direct" },
    itemKey: hex64(),
    digests: "verified",
    mediaType: "image/png",
    sizeBytes: 1234,
    evidence: { evidenceId: hex64(), ciphertextSha256: hex64(), content: "verified", contentBytes: 1234 },
    verdict: { decision: "quarantine", rule: "default", policyDigest: hex64() },
    testOnly: matches.length > 0 && matches.every(({ trust }) => trust === "test"),
    context: { url: "https://canary-host.example/canary-path" },
    foundAt: "2026-03-01T08:00:00.000Z",
    ...of,
    matches,
  }
}
