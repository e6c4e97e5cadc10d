import { createHash } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { HashRecord, HashType, ListItem } from "@nightlight/core"
import { compact } from "@nightlight/core"
import fc from "fast-check"
import { HASH_DIGITS } from "../src/hash-text.ts"
import { type ReadHashListOptions, readHashList } from "../src/index.ts"
import type { ListParser } from "../src/list-parser.ts"

/** A harmless hash of a type, derived from a word. */
export function hashOf(type: HashType, word: string): string {
  return createHash("sha256")
    .update(word)
    .digest("hex")
    .repeat(2)
    .slice(0, type === "url" ? 64 : HASH_DIGITS[type])
}

/** Runs with a file with this content, then removes it. */
export async function withFile<T>(content: string | Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "nightlight-lists-"))
  try {
    const path = join(folder, "list")
    await writeFile(path, content)
    return await use(path)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Everything an iteration yields. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of source) all.push(one)
  return all
}

/** Reads a list given as content. */
export async function readAll(content: string | Uint8Array, options: ReadHashListOptions = {}): Promise<ListItem[]> {
  return withFile(content, (path) => collect(readHashList(path, options)))
}

/** Parses bytes in chunks of a size. */
export function parseInPieces(parser: ListParser, content: string | Uint8Array, pieceBytes: number): ListItem[] {
  const bytes = Buffer.from(content as string)
  const items: ListItem[] = []
  for (let offset = 0; offset < bytes.length; offset += pieceBytes)
    parser.push(bytes.subarray(offset, offset + pieceBytes), items)
  parser.end(items)
  return items
}

/** The records among the items. */
export function recordsOf(items: readonly ListItem[]): HashRecord[] {
  return items.flatMap((item) => (item.ok ? [item.record] : []))
}

/** The faults among the items, as `line reason`. */
export function faultsOf(items: readonly ListItem[]): string[] {
  return items.flatMap((item) => (item.ok ? [] : [`${item.bad.line} ${item.bad.reason}`]))
}

/** Any record with text that challenges a format's quoting. */
export function anyRecord(): fc.Arbitrary<HashRecord> {
  const word = fc
    .string({
      unit: fc.constantFrom("a", "B", "7", ",", '"', "'", "\t", ";", "é", "\u{1f600}", "<", "&", "{", "\\", " "),
    })
    .map((text) => text.trim().replaceAll("\t", "_"))
  return fc
    .record({
      hashType: fc.constantFrom<HashType>("md5", "sha1", "sha256", "pdq"),
      seed: fc.nat(),
      category: word.map((text) => text || "unspecified"),
      id: fc.option(
        word.filter((text) => text !== ""),
        { nil: undefined },
      ),
      quality: fc.option(fc.nat(100), { nil: undefined }),
    })
    .map(({ hashType, seed, category, id, quality }) =>
      compact({
        hashType,
        hash: hashOf(hashType, String(seed)),
        category,
        id,
        quality,
      }),
    )
}
