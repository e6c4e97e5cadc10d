import { createHash, generateKeyPairSync, sign, verify } from "node:crypto"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { HashRecord, HashType, ListAttributes, ListItem } from "@nightlight/core"
import { compact } from "@nightlight/core"
import fc from "fast-check"
import { ensureTestCardList, type ImportListRequest, importList, type ListKeeper } from "../../src/index.ts"
import { HASH_BYTES } from "../../src/lists/record-layout.ts"

/** A keeper with its own key and a fixed clock. */
export function makeKeeper(keyId = "00112233aabbccdd"): ListKeeper {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519")
  return {
    signer: { keyId, sign: (bytes) => sign(null, bytes, privateKey) },
    verifier: { keyId, verify: (bytes, signature) => verify(null, bytes, publicKey, signature) },
    clock: { now: () => new Date("2026-03-01T12:00:00Z") },
  }
}

/** Folders for lists and indexes, removed at the end. */
export interface Workspace {
  readonly listsDir: string
  readonly indexDir: string
  readonly keeper: ListKeeper
}

/** Runs with an empty workspace that has the list of test cards. */
export async function withWorkspace<T>(use: (workspace: Workspace) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "nightlight-lists-"))
  try {
    const workspace = { listsDir: join(folder, "lists"), indexDir: join(folder, "index"), keeper: makeKeeper() }
    await ensureTestCardList(workspace.listsDir, workspace.keeper)
    return await use(workspace)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A harmless hash made from a word. */
export function hashOf(type: HashType, word: string): string {
  return createHash("sha512")
    .update(word)
    .digest("hex")
    .slice(0, 2 * HASH_BYTES[type])
}

/** A record whose hash is made from a word. */
export function recordOf(hashType: HashType, word: string, more: Partial<HashRecord> = {}): HashRecord {
  return { hashType, hash: hashOf(hashType, word), category: "A1", ...more }
}

/** This many records, of all types in turn. */
export function manyRecords(count: number, word = "r"): HashRecord[] {
  const types = ["pdq", "md5", "sha256", "sha1"] as const
  return Array.from({ length: count }, (_, index) => recordOf(types[index % 4] ?? "pdq", `${word}${index}`))
}

/** Records as a reader yields them. */
export async function* itemsOf(
  records: Iterable<HashRecord>,
  attributes?: ListAttributes,
): AsyncGenerator<ListItem, void, undefined> {
  let line = 0
  for (const record of records) {
    line++
    yield attributes === undefined ? { ok: true, line, record } : { ok: true, line, record, attributes }
  }
}

/** Imports records as a list. */
export function importRecords(
  { listsDir, keeper }: Workspace,
  name: string,
  records: Iterable<HashRecord>,
  more: Partial<ImportListRequest> = {},
) {
  return importList({ listsDir, name, items: itemsOf(records), ...more }, keeper)
}

/** Any record, from so few hashes that duplicates are common. */
export function anyRecord(): fc.Arbitrary<HashRecord> {
  const word = fc.constantFrom("a", "b", "c", "d", "e", "f")
  return fc
    .record({
      hashType: fc.constantFrom<HashType>("md5", "sha1", "sha256", "pdq"),
      word,
      category: fc.constantFrom("A1", "B2", "unspecified", "\u00e9"),
      id: fc.option(word, { nil: undefined }),
      quality: fc.option(fc.nat(100), { nil: undefined }),
    })
    .map(({ hashType, word, category, id, quality }) =>
      compact({
        hashType,
        hash: hashOf(hashType, word),
        category,
        id,
        quality,
      }),
    )
}

/** A hash with some bits flipped. */
export function flipBits(hash: string, bits: readonly number[]): string {
  const bytes = Buffer.from(hash, "hex")
  for (const bit of bits) bytes[bit >> 3]! ^= 1 << (bit & 7)
  return bytes.toString("hex")
}

/** Bits in which two hashes differ, counted one by one. */
export function distance(a: string, b: string): number {
  const [left, right] = [Buffer.from(a, "hex"), Buffer.from(b, "hex")]
  let bits = 0
  for (const [index, byte] of left.entries()) {
    for (let rest = byte ^ right[index]!; rest !== 0; rest &= rest - 1) bits++
  }
  return bits
}

/** The names in a folder of lists or of indexes, sorted, without locks. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !name.endsWith(".lock")).sort()
}
