/**
 * Known false positives of a workspace: one signed line for each pair of a list's entry and an item that a person found
 * to be a different picture. Lines have keyed digests, so the file is not a list of hashes.
 * @module
 */
import { readFile } from "node:fs/promises"
import { hasCode, IntegrityError, tryParseJson, type Verifier } from "@nightlight/core"
import { checkDocument } from "@nightlight/durable"
import type { FalsePositiveLookup } from "@nightlight/screening"
import type { KeyedDigest } from "@nightlight/vault"
import { z } from "zod"

/** Name and version of a line's form. */
export const FALSE_POSITIVE_FORMAT = "nightlight-false-positive/1"

const Line = z.object({
  list: z.string(),
  /** Keyed digest of the entry's hash; the same in every version of the list. */
  entryDigest: z.string(),
  /** Keyed digest of the item's SHA-256, as findings have it. */
  itemDigest: z.string(),
  reason: z.string(),
  people: z.string(),
  recordedAt: z.iso.datetime(),
})

/** A recorded false positive. */
export type FalsePositiveLine = z.infer<typeof Line>

/**
 * Reads the lines; none where the file is absent.
 *
 * @throws {IntegrityError} `receipt_untrusted`, naming the line, if one is not what this workspace signed.
 */
export async function readFalsePositiveLines(path: string, verifier: Verifier): Promise<readonly FalsePositiveLine[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return ""
    throw error
  })
  return text.split("\n").flatMap((line, index) => {
    if (line === "") return []
    const parsed = Line.safeParse(checkDocument(tryParseJson(line), FALSE_POSITIVE_FORMAT, verifier))
    if (parsed.success) return [parsed.data]
    throw new IntegrityError(
      "receipt_untrusted",
      `line ${index + 1} of false-positives.ndjson is not what this workspace signed`,
    )
  })
}

/** Looks pairs up by their keyed digests. */
export function createFalsePositiveLookup(
  lines: readonly FalsePositiveLine[],
  keyed: KeyedDigest,
): FalsePositiveLookup {
  const items = new Set(lines.map((line) => line.itemDigest))
  const pairs = new Set(lines.map(pairKey))
  return {
    hasItem: (sha256) => items.size > 0 && items.has(keyed.of("item", sha256)),
    has: ({ list, entryHash, sha256 }) =>
      pairs.has(pairKey({ list, entryDigest: keyed.of("entry", entryHash), itemDigest: keyed.of("item", sha256) })),
  }
}

/** Names a pair. */
export function pairKey(pair: Pick<FalsePositiveLine, "list" | "entryDigest" | "itemDigest">): string {
  return `${pair.list} ${pair.entryDigest} ${pair.itemDigest}`
}
