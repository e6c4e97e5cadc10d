import { createHash } from "node:crypto"
import { createWriteStream } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { gzipSync } from "node:zlib"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readHashList } from "../src/index.ts"
import { collect, faultsOf, hashOf, readAll, recordsOf, withFile } from "./support.ts"

/** The longest variants take minutes on a busy machine. */
const LONG_MS = 900_000

const md5 = hashOf("md5", "a")
const csv = `hash,type,category\n${md5},md5,caf\u00e9\n`
const record = { hashType: "md5", hash: md5, category: "caf\u00e9" }

describe("readHashList", () => {
  it.each([
    ["plain", Buffer.from(csv)],
    ["with a byte order mark", Buffer.from(`\ufeff${csv}`)],
    ["gzipped", gzipSync(csv)],
    ["gzipped in two members", Buffer.concat([gzipSync(csv.slice(0, 30)), gzipSync(csv.slice(30))])],
    ["in UTF-16, little endian", Buffer.from(`\ufeff${csv}`, "utf16le")],
    ["in UTF-16, big endian", Buffer.from(`\ufeff${csv}`, "utf16le").swap16()],
  ])("reads a file %s", async (_, bytes) => {
    expect(recordsOf(await readAll(bytes))).toEqual([record])
  })

  it("gives the digest of the file as stored after it was read", async () => {
    const bytes = gzipSync(csv)
    await withFile(bytes, async (path) => {
      const list = readHashList(path)
      expect(list.sourceSha256).toBeUndefined()
      await collect(list)
      expect(list.sourceSha256).toBe(createHash("sha256").update(bytes).digest("hex"))
    })
  })

  it("closes the file when the reader stops early", async () => {
    await withFile(csv.repeat(50_000), async (path) => {
      for await (const item of readHashList(path)) {
        expect(item.ok).toBe(true)
        break
      }
    })
  })

  it.each([
    ["a truncated gzip file", gzipSync(csv.repeat(1_000)).subarray(0, 60)],
    ["a damaged gzip file", Buffer.concat([gzipSync(csv).subarray(0, 20), Buffer.alloc(40, 0xff)])],
    ["a picture", Buffer.from("89504e470d0a1a0a0000000d49484452000001", "hex")],
    ["UTF-16 without a mark", Buffer.from(csv, "utf16le")],
  ])("refuses %s", async (_, bytes) => {
    await expect(readAll(bytes)).rejects.toMatchObject({ code: "list_malformed" })
  })

  it("reports a missing file, and a folder in place of a file", async () => {
    await expect(collect(readHashList("/nonexistent/list.csv"))).rejects.toMatchObject({ code: "not_found" })
    await expect(collect(readHashList(tmpdir()))).rejects.toMatchObject({ code: "input_invalid" })
  })

  it("loses only the lines with bytes that are not UTF-8", async () => {
    const bytes = Buffer.concat([Buffer.from(csv), Buffer.from([0xe9, 0x0a, 0xed, 0xa0, 0x80, 0x0a]), Buffer.from(csv)])
    const items = await readAll(bytes)
    expect(faultsOf(items)).toEqual(["3 not_parsed", "4 not_parsed", "5 type_unknown"])
    expect(recordsOf(items)).toEqual([record, record])
  })

  it("reads any bytes as items, or throws one coded error that does not quote them", async () => {
    const starts = fc.constantFrom(
      "",
      "hash,type\n",
      "[",
      "{",
      '{"entries":[',
      "<queryResult>",
      "\ufeff",
      "\u001f\u008b",
    )
    await fc.assert(
      fc.asyncProperty(starts, fc.uint8Array({ maxLength: 200 }), async (start, bytes) => {
        const content = Buffer.concat([Buffer.from(start, "latin1"), bytes])
        const outcome = await readAll(content).catch((error: unknown) => error)
        if (Array.isArray(outcome)) return
        expect(outcome).toMatchObject({ code: "list_malformed" })
        expect((outcome as Error).cause).toBeUndefined()
      }),
      { numRuns: 100 },
    )
  })

  it("keeps no endless line, entry or list in memory", { timeout: LONG_MS }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "nightlight-lists-"))
    const sizeMb = process.env["NIGHTLIGHT_LONG"] === undefined ? 96 : 1_024
    try {
      const path = join(folder, "list")
      for (const start of [`hash,type,category\n${md5},md5,`, `{"md5":"${md5}"}\n{"category":"`, '[{"category":"']) {
        await writeLong(path, start, sizeMb)
        const before = process.memoryUsage().rss
        const items = await collect(readHashList(path)).catch((error: { code?: string }) => error.code)
        expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1_048_576)
        if (start.startsWith("[")) expect(items).toBe("list_malformed")
        else expect(faultsOf(items as never)).toEqual(["2 line_too_long"])
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it("reads a long list in bounded memory", { timeout: LONG_MS }, async () => {
    const lines = process.env["NIGHTLIGHT_LONG"] === undefined ? 200_000 : 10_000_000
    const folder = await mkdtemp(join(tmpdir(), "nightlight-lists-"))
    try {
      const path = join(folder, "list.json")
      await pipeline(Readable.from(longJson(lines)), createWriteStream(path))
      let records = 0
      const before = process.memoryUsage().rss
      for await (const item of readHashList(path)) if (item.ok) records++
      expect(records).toBe(lines)
      expect(process.memoryUsage().rss - before).toBeLessThan(160 * 1_048_576)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

async function writeLong(path: string, start: string, sizeMb: number): Promise<void> {
  const piece = Buffer.alloc(1_048_576, "x")
  await pipeline(
    Readable.from(
      (function* () {
        yield Buffer.from(start)
        for (let index = 0; index < sizeMb; index++) yield piece
      })(),
    ),
    createWriteStream(path),
  )
}

function* longJson(lines: number): Generator<string> {
  yield "["
  for (let start = 0; start < lines; start += 1_000) {
    const entries = Array.from({ length: 1_000 }, (_, index) => {
      const hash = (start + index).toString(16).padStart(64, "0")
      return `${start + index === 0 ? "" : ","}{"hash":"${hash}","type":"pdq","category":"A1","id":"entry-${start + index}"}`
    })
    yield entries.join("\n")
  }
  yield "]"
}
