import { gzipSync, zstdCompressSync } from "node:zlib"
import { ShardError } from "@nightlight/core"
import { readBytes } from "@nightlight/dev-env/dataset/shards"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { fixture } from "./support/arrow-fixtures.ts"
import { mdsShard } from "./support/mds.ts"
import { chunked, responseRecord, warcRecord } from "./support/warc.ts"

const PICTURE = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(200, 9)])
const LINES = `{"id":1,"a":["data:image/png;base64,${PICTURE.toString("base64")}"]}\n{"id":2,"b":"\\u0041"}\r\n{"id":3}\n`
const WARC = Buffer.concat([
  warcRecord({ "WARC-Type": "warcinfo" }, "software: a test\r\n"),
  responseRecord("https://a.example/", chunked(gzipSync("words")), {
    http: { "Transfer-Encoding": "chunked", "Content-Encoding": "gzip" },
  }),
])
const MDS = mdsShard({ a: "jpeg", b: "str", c: "ndarray", d: "list[png]" }, [
  { a: PICTURE, b: Buffer.from("text"), c: Buffer.from([8, 5, 2, 0, 1, 1]), d: Buffer.alloc(8) },
  { a: PICTURE, b: Buffer.from("more"), c: Buffer.from([8, 4, 2, 1, 1]), d: Buffer.alloc(8) },
])

const SHARDS = [
  ["a.jsonl", Buffer.from(LINES)],
  ["a.jsonl.gz", gzipSync(LINES)],
  ["a.jsonl.zst", zstdCompressSync(LINES)],
  ["a.json", Buffer.from(`[${LINES.trim().split("\n").join(",")},"${"x".repeat(70_000)}"]`)],
  ["a.warc", WARC],
  ["a.warc.gz", gzipSync(WARC)],
  ["shard.00000.mds", MDS],
  ["shard.00000.mds.zstd", zstdCompressSync(MDS)],
  ["a.arrow", fixture("pictures-zstd-file.arrow")],
  ["b.arrow", fixture("pyarrow-stream.arrow")],
] as const

describe.each(SHARDS)("a damaged %s", (name, bytes) => {
  const change = fc.record({ at: fc.nat(Math.min(bytes.length, 2_000) - 1), to: fc.nat(255) })

  it("is read or set aside, and never anything else", { timeout: 60_000 }, async () => {
    const property = fc.asyncProperty(
      fc.array(change, { maxLength: 4 }),
      fc.option(fc.nat(bytes.length), { nil: bytes.length }),
      async (changes, length) => {
        const damaged = Buffer.from(bytes)
        for (const { at, to } of changes) damaged[at] = to
        const samples = await readBytes(name, damaged.subarray(0, length)).catch((error: unknown) => error)
        if (!Array.isArray(samples)) expect(samples).toBeInstanceOf(ShardError)
      },
    )
    await fc.assert(property, { numRuns: 150 })
  })
})
