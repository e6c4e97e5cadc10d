/** An index that compares every pair: slow and short, so it serves as the oracle of the real one. */

import type { HashType, Trust } from "@nightlight/core"
import { compact } from "@nightlight/core"
import type { DigestQuery, EntryHit, ListIndex, ListInfo, PdqHit } from "../../src/index.ts"

export interface TestEntry {
  readonly hashType: HashType
  readonly hash: string
  readonly category?: string
  readonly id?: string
}

export interface TestList {
  readonly name: string
  readonly entries: readonly TestEntry[]
  readonly trust?: Trust
  readonly radiusBits?: number
  readonly snapshot?: number
}

/** Counts the bits in which two hexadecimal hashes differ. */
export function hexDistance(a: string, b: string): number {
  let rest = BigInt(`0x${a}`) ^ BigInt(`0x${b}`)
  let bits = 0
  for (; rest !== 0n; rest &= rest - 1n) bits++
  return bits
}

export function bruteForceIndex(...lists: readonly TestList[]): ListIndex {
  const infos = lists.map(toInfo)
  const hits = (query: (entry: TestEntry) => number | undefined): EntryHit[] =>
    lists.flatMap((list, i) =>
      list.entries.flatMap((entry, ordinal): EntryHit[] => {
        const distanceBits = query(entry)
        const info = infos[i]!
        if (distanceBits === undefined || (entry.hashType === "pdq" && distanceBits > info.radiusBits)) return []
        const { hashType, category = "unspecified", id } = entry
        return [
          compact({
            list: info,
            entry: ordinal,
            category,
            hashType,
            distanceBits,
            entryId: id || undefined,
          }),
        ]
      }),
    )

  return {
    version: 1,
    lists: infos,
    matchDigests: (digests: DigestQuery) =>
      hits(({ hashType, hash }) => (hashType !== "pdq" && digests[hashType] === hash ? 0 : undefined)),
    matchPdq(hashes: Uint8Array) {
      const found: PdqHit[] = []
      for (let query = 0; query * 32 < hashes.length; query++) {
        const hex = Buffer.from(hashes.subarray(query * 32, query * 32 + 32)).toString("hex")
        const near = hits(({ hashType, hash }) => (hashType === "pdq" ? hexDistance(hash, hex) : undefined))
        found.push(...near.map((hit) => ({ ...hit, query })))
      }
      return found
    },
    entryHash: (hit) => lists.find((list) => list.name === hit.list.name)!.entries[hit.entry]!.hash,
  }
}

function toInfo({ name, entries, trust = "trusted", radiusBits = 31, snapshot = 1 }: TestList): ListInfo {
  const counts = { md5: 0, sha1: 0, sha256: 0, pdq: 0, url: 0 }
  for (const { hashType } of entries) counts[hashType]++
  return { name, trust, radiusBits, snapshot, counts }
}
