import { readFileSync } from "node:fs"
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { changedJpeg, digestRecord, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { beforeAll, describe, expect, it } from "vitest"
import { findingsOf } from "./support/scans.ts"

const LISTED = 951
const lines: string[] = []
let listed: string
let reencoded: string

function chat(number: number, picture?: Uint8Array): string {
  const url = picture === undefined ? undefined : `data:image/jpeg;base64,${Buffer.from(picture).toString("base64")}`
  const parts = [
    { type: "text", text: `Question ${number}` },
    ...(url ? [{ type: "image_url", image_url: { url } }] : []),
  ]
  return JSON.stringify({
    messages: [
      { role: "user", content: parts },
      { role: "assistant", content: "An answer." },
    ],
  })
}

beforeAll(async () => {
  for (let number = 0; number < 50; number++) {
    lines.push(chat(number, number % 10 === 3 ? await jpeg(number) : undefined))
  }
  listed = chat(50, await jpeg(LISTED))
  reencoded = chat(51, await changedJpeg(LISTED, "re-encoded"))
})

/** The lines with the listed pictures in the middle, and the lines that stay. */
const withListed = () => [...lines.slice(0, 20), listed, ...lines.slice(20, 40), reencoded, ...lines.slice(40)]
const text = (all: readonly string[]) => all.map((line) => `${line}\n`).join("")

describe("a scan of chat files in JSON lines", () => {
  it.each([
    ["chat.jsonl", (bytes: Buffer) => bytes, (bytes: Buffer) => bytes],
    ["chat.ndjson", (bytes: Buffer) => bytes, (bytes: Buffer) => bytes],
    ["chat.json", (bytes: Buffer) => bytes, (bytes: Buffer) => bytes],
    ["chat.jsonl.gz", gzipSync, gunzipSync],
    ["chat.jsonl.zst", zstdCompressSync, zstdDecompressSync],
  ])(
    "withholds the lines of %s with a listed picture and keeps the others byte for byte",
    async (name, pack, unpack) => {
      using test = await testWorkspace()
      await importRecords(test.workspace, await listOf(LISTED))
      writeFiles(test.pathOf("data"), { [name]: pack(Buffer.from(text(withListed()))) })
      const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
      expect(unpack(readFileSync(test.pathOf("clean", name))).toString()).toBe(text(lines))
      expect(report).toMatchObject({ withheldSamples: 2 })
      expect(report.decisions).toMatchObject({ quarantine: 1, inconclusive: 0 })
      const exact = findingsOf(test.workspace).filter(({ decision }) => decision === "quarantine")
      expect(exact).toMatchObject([{ depth: 1, sample: 20, mediaType: "image/jpeg" }])
    },
  )

  it("withholds small files, which are not read line by line, for an address or digest that any line states", async () => {
    using test = await testWorkspace()
    await importRecords(test.workspace, [digestRecord(await jpeg(LISTED), "md5")])
    const { hash } = digestRecord(await jpeg(LISTED), "md5")
    const two = Buffer.from(`{"text":"a"}\n{"text":"b","messages":[{"image":{"md5":"${hash}"}}]}\n`)
    const one = two.subarray(two.indexOf("\n") + 1)
    writeFiles(test.pathOf("data"), {
      "one.jsonl": one,
      "two.json": two,
      "one.json.gz": gzipSync(one),
      "two.json.zst": zstdCompressSync(two),
      "clear.json": Buffer.from(`{"text":"a"}\n{"text":"b"}\n`),
    })
    await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    expect(Object.keys(filesBelow(test.pathOf("clean")))).toEqual(["clear.json"])
  })

  it("looks up what one JSON object of several megabytes states", async () => {
    using test = await testWorkspace()
    const record = digestRecord(await jpeg(LISTED), "md5")
    await importRecords(test.workspace, [record])
    const filler = Array.from({ length: 40_000 }, (_, number) => ({
      id: number,
      text: "An ordinary sentence, once more.",
    }))
    const state = (md5: string) => Buffer.from(JSON.stringify({ filler, last: { md5 } }, undefined, 1))
    writeFiles(test.pathOf("data"), { "listed.json": state(record.hash), "clear.json": state("0".repeat(32)) })
    await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    expect(Object.keys(filesBelow(test.pathOf("clean")))).toEqual(["clear.json"])
  })
})
