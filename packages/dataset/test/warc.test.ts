import { readFileSync } from "node:fs"
import { brotliCompressSync, deflateRawSync, deflateSync, gunzipSync, gzipSync, zstdCompressSync } from "node:zlib"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { bytesOf, filesBelow, itemsOf, outline, plan, readBytes, readShard } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { copyShard, datasetOf } from "./support/copying.ts"
import { BASIS, purge } from "./support/purges.ts"
import { findingsOf } from "./support/scans.ts"
import { base32Sha1, chunked, httpResponse, responseRecord, warcRecord } from "./support/warc.ts"

const INFO = warcRecord({ "WARC-Type": "warcinfo", "Content-Type": "application/warc-fields" }, "software: a test\r\n")
const PAGE = responseRecord("https://a.example/", "<!doctype html><p>Words")
const TEXT = warcRecord({ "WARC-Type": "conversion", "Content-Type": "text/plain" }, "Words of a page")
const RECORDS = [INFO, PAGE, TEXT]
const eachGzip = (records: readonly Buffer[]) => Buffer.concat(records.map((record) => gzipSync(record)))

/** The payload of the only record that a response makes. */
async function payloadOf(record: Buffer) {
  const [sample] = await readBytes("a.warc.gz", gzipSync(record))
  const payload = sample!.items.find(({ place }) => place.endsWith("!/payload"))!
  return { sample: sample!, record: sample!.items[0]!, payload: bytesOf(payload) }
}

describe("a WARC file", () => {
  it.each([
    ["a.warc", Buffer.concat(RECORDS)],
    ["a.warc.gz", eachGzip(RECORDS)],
    ["a.warc.gz", gzipSync(Buffer.concat(RECORDS))],
    ["a.warc.wet.gz", eachGzip(RECORDS)],
    ["a.wat", Buffer.concat(RECORDS)],
    ["a.warc.zst", Buffer.concat(RECORDS.map((record) => zstdCompressSync(record)))],
  ])("has a sample for each record, with its headers and payload: %s", async (name, bytes) => {
    const samples = await readBytes(name, bytes)
    expect(outline(samples)).toEqual(
      [1, 2, 3].map((n) => [`record ${n}`, `record ${n}`, `record ${n}!/headers`, `record ${n}!/payload`]),
    )
    const items = itemsOf(samples)
    expect(items.filter(({ depth }) => depth === 0).every(({ opened }) => opened === true)).toBe(true)
    const payloads = items.filter(({ place }) => place.endsWith("payload"))
    expect(payloads.map((item) => bytesOf(item).toString())).toEqual([
      "software: a test\r\n",
      "<!doctype html><p>Words",
      "Words of a page",
    ])
    expect(bytesOf(items[4]!).toString()).toContain("HTTP/1.1 200 OK\r\nContent-Type: text/html")
  })

  it("states where its records come from, and their digests in hexadecimal", async () => {
    const body = Buffer.from("a body")
    const record = responseRecord("https://a.example/1", body, {
      warc: { "WARC-Payload-Digest": base32Sha1(body), "WARC-Block-Digest": `sha256:${"AB".repeat(32)}` },
    })
    const { sample } = await payloadOf(record)
    const sha1 = digestRecord(body, "sha1").hash
    expect(sample.origins).toEqual([{ url: "https://a.example/1", sha1, sha256: "ab".repeat(32) }])
    const wget = warcRecord({
      "WARC-Type": "resource",
      "WARC-Target-URI": "<https://b.example/>",
      "WARC-Block-Digest": "crc:1",
    })
    expect((await readBytes("a.warc", wget))[0]?.origins).toEqual([{ url: "https://b.example/" }])
  })

  it("keeps the files beside it that index it as its sidecars", async () => {
    using made = await datasetOf({ "a.warc.gz": eachGzip(RECORDS), "a.warc.gz.cdx": "x", "a.cdxj": "y", "b.cdx": "z" })
    expect(made.plan.shards.map(({ kind, path, sidecars }) => [kind, path, sidecars])).toEqual([
      ["warc", "a.warc.gz", ["a.warc.gz.cdx", "a.cdxj"]],
      ["files", expect.stringMatching(/^files-/), undefined],
    ])
  })
})

describe("the payload of an HTTP message", () => {
  const body = Buffer.from("<!doctype html><p>Some words of a page. ".repeat(100))

  it.each([
    ["gzip", { "Content-Encoding": "gzip" }, gzipSync(body)],
    ["x-gzip", { "Content-Encoding": "x-gzip" }, gzipSync(body)],
    ["deflate", { "Content-Encoding": "deflate" }, deflateSync(body)],
    ["raw deflate", { "Content-Encoding": "deflate" }, deflateRawSync(body)],
    ["brotli", { "Content-Encoding": "br" }, brotliCompressSync(body)],
    ["two codings", { "Content-Encoding": "br, gzip" }, gzipSync(brotliCompressSync(body))],
    ["chunks", { "Transfer-Encoding": "chunked" }, chunked(body)],
    ["chunks of gzip", { "Transfer-Encoding": "chunked", "Content-Encoding": "gzip" }, chunked(gzipSync(body), 7)],
    ["fields without truth", { "Transfer-Encoding": "chunked", "Content-Encoding": "gzip" }, body],
  ])("is what a browser would get: %s", async (_, http, sent) => {
    const { payload, record } = await payloadOf(responseRecord("https://a.example/", sent, { http }))
    expect(payload.toString()).toBe(body.toString())
    expect(record).toMatchObject({ opened: true })
  })

  it("is not told apart from what else the message holds: extensions, trailers and bytes behind a coding", async () => {
    const headersOf = async (sent: Buffer, http: Readonly<Record<string, string>>) => {
      const [sample] = await readBytes("a.warc.gz", gzipSync(responseRecord("https://a.example/", sent, { http })))
      return bytesOf(sample!.items[1]!).toString("latin1")
    }
    expect(await headersOf(chunked(body), { "Transfer-Encoding": "chunked" })).toMatch(/;a=b\n(?:.|\n)*X-Trailer: c/)
    const behind = Buffer.concat([deflateSync(body), Buffer.from("hidden behind")])
    expect(await headersOf(behind, { "Content-Encoding": "deflate" })).toMatch(/hidden behind$/)
  })

  it.each([
    ["archive_malformed", { "Transfer-Encoding": "chunked" }, Buffer.from("5\r\nwords\r\nno size\r\n")],
    ["archive_malformed", { "Transfer-Encoding": "chunked" }, Buffer.from("500\r\nwords\r\n0\r\n\r\n")],
    ["archive_limit", { "Transfer-Encoding": "chunked" }, chunked(Buffer.alloc(300_000, "x"), 1)],
    ["archive_limit", { "Content-Encoding": "gzip" }, gzipSync(Buffer.alloc(50_000_000))],
    ["archive_limit", { "Content-Encoding": "br" }, brotliCompressSync(Buffer.alloc(50_000_000))],
    ["archive_limit", { "Content-Encoding": "gzip,gzip,gzip,gzip,gzip" }, body],
  ])("makes its record inconclusive (%s) where it cannot be told", async (cause, http, sent) => {
    const { record } = await payloadOf(responseRecord("https://a.example/", sent, { http }))
    expect(record).toMatchObject({ refused: cause })
    expect(record.opened).toBeUndefined()
  })

  it("that is one segment of several makes its record inconclusive", async () => {
    const record = responseRecord("https://a.example/", body, { warc: { "WARC-Segment-Number": "1" } })
    expect((await payloadOf(record)).record).toMatchObject({ refused: "media_unsupported" })
  })

  it("that is text in another encoding is screened as text, and matched by its own digests", async () => {
    const latin = Buffer.from("<html><p>caf\xe9", "latin1")
    const greek = Buffer.from("<meta charset='iso-8859-7'><p>\xe1\xe2\xe3", "latin1")
    const page = await payloadOf(responseRecord("https://a.example/", latin, { http: { "Content-Type": "text/html" } }))
    expect(page.payload.toString()).toBe("<html><p>café")
    expect(page.sample.origins).toMatchObject([{ sha256: digestRecord(latin, "sha256").hash }])
    const other = await payloadOf(
      responseRecord("https://a.example/", greek, { http: { "Content-Type": "text/html" } }),
    )
    expect(other.payload.toString()).toBe("<meta charset='iso-8859-7'><p>αβγ")
    const picture = await jpeg(1)
    const said = await payloadOf(
      responseRecord("https://a.example/", picture, { http: { "Content-Type": "text/html" } }),
    )
    expect(said.payload).toEqual(Buffer.from(picture))
  })
})

describe("a damaged or hostile WARC file", () => {
  const at = (fields: Readonly<Record<string, string>>, block = "words") =>
    warcRecord({ "WARC-Type": "resource", ...fields }, block)

  it.each([
    ["claims a terabyte", "shard_malformed", at({ "Content-Length": "1099511627776" })],
    ["claims less than nothing", "shard_malformed", at({ "Content-Length": "-5" })],
    ["claims more than any number", "shard_malformed", at({ "Content-Length": "9".repeat(30) })],
    ["states no length", "shard_malformed", Buffer.from("WARC/1.0\r\nWARC-Type: resource\r\n\r\nwords\r\n\r\n")],
    [
      "states two lengths",
      "shard_unsafe",
      Buffer.from("WARC/1.0\r\nContent-Length: 5\r\ncontent-length: 0\r\n\r\nwords\r\n\r\n"),
    ],
    ["is cut short in a header", "shard_malformed", PAGE.subarray(0, 40)],
    ["is cut short in a block", "shard_malformed", PAGE.subarray(0, -10)],
    ["goes on with something else", "shard_malformed", Buffer.concat([PAGE, Buffer.from("hello\r\n\r\n")])],
    ["has a header without end", "shard_limit", at({ "X-Long": "x".repeat(3_000_000) })],
  ])("is set aside if it %s", async (_, code, record) => {
    for (const [name, bytes] of [
      ["a.warc", Buffer.concat([INFO, record])],
      ["a.warc.gz", eachGzip([INFO, record])],
    ] as const) {
      await expect(readBytes(name, bytes)).rejects.toMatchObject({ code })
    }
  })

  it.each([
    ["a.warc.gz", Buffer.from("hello")],
    ["a.warc", Buffer.from("hello")],
    ["a.warc.gz", eachGzip(RECORDS).subarray(0, -3)],
  ])("is set aside if it is called %s and is none", async (name, bytes) => {
    await expect(readBytes(name, bytes)).rejects.toMatchObject({ code: "shard_malformed" })
  })

  it("is set aside if a member inflates without end", async () => {
    const bomb = at({ "Content-Length": "90000000" }, "x".repeat(90_000_000))
    await expect(readBytes("a.warc.gz", gzipSync(bomb))).rejects.toMatchObject({ code: "shard_bomb" })
  })

  it("is inconclusive for a record longer than may be held, which a purge keeps", async () => {
    const long = responseRecord("https://a.example/long", "x".repeat(5_000))
    const records = [INFO, long, PAGE]
    for (const [name, bytes, expected] of [
      ["a.warc", Buffer.concat(records), Buffer.concat([INFO, long])],
      ["a.warc.gz", eachGzip(records), eachGzip([INFO, long])],
    ] as const) {
      using made = await datasetOf({ [name]: bytes })
      const { root, shards } = made.plan
      const samples = await readShard(root, shards[0]!, { itemBytes: 2_000 })
      expect(samples.map(({ items }) => items[0]?.refused)).toEqual([undefined, "byte_limit", undefined])
      const isClear = (item: { readonly sample: number }) => item.sample !== 2
      await copyShard(root, shards[0]!, made.out, { mode: "purge", isClear, limits: { itemBytes: 2_000 } })
      expect(filesBelow(made.out)[name]).toEqual(expected)
    }
  })
})

describe("the copy of a WARC file", () => {
  const zstd = (records: readonly Buffer[]) => Buffer.concat(records.map((record) => zstdCompressSync(record)))
  const loose = Buffer.concat([Buffer.from("\r\n"), INFO, Buffer.from("\r\n\r\n"), PAGE.subarray(0, -4), TEXT])

  it.each([
    ["a.warc", Buffer.concat(RECORDS), Buffer.concat([INFO, TEXT])],
    ["a.warc", loose, Buffer.concat([Buffer.from("\r\n"), INFO, Buffer.from("\r\n\r\n"), TEXT])],
    ["a.warc.gz", eachGzip(RECORDS), eachGzip([INFO, TEXT])],
    ["a.warc.zst", zstd(RECORDS), zstd([INFO, TEXT])],
  ])("keeps records and their members byte for byte: %s", async (name, bytes, without) => {
    for (const mode of ["clean", "purge"] as const) {
      using made = await datasetOf({ [name]: bytes })
      const { root, shards } = made.plan
      await copyShard(root, shards[0]!, made.out, { mode })
      expect(filesBelow(made.out)[name]).toEqual(bytes)
      const result = await copyShard(root, shards[0]!, made.out, { mode, isClear: ({ sample }) => sample !== 1 })
      expect(filesBelow(made.out)[name]).toEqual(without)
      expect(result).toMatchObject({ itemsWritten: 2, itemsDropped: 1 })
    }
  })

  it("is compressed again where records share members, or a member holds something else", async () => {
    const shared = gzipSync(Buffer.concat(RECORDS))
    const comment = Buffer.concat([
      gzipSync(TEXT).subarray(0, 10),
      Buffer.from("hidden\0"),
      gzipSync(TEXT).subarray(10),
    ])
    comment[3] = 16
    using made = await datasetOf({ "a.warc.gz": shared, "b.warc.gz": Buffer.concat([eachGzip([INFO, PAGE]), comment]) })
    const { root, shards } = made.plan
    const isClear = ({ sample }: { readonly sample: number }) => sample !== 1
    for (const shard of shards) await copyShard(root, shard, made.out, { isClear })
    const copy = filesBelow(made.out)
    expect(gunzipSync(copy["a.warc.gz"]!)).toEqual(Buffer.concat([INFO, TEXT]))
    expect(gunzipSync(copy["b.warc.gz"]!)).toEqual(Buffer.concat([INFO, TEXT]))
    expect(copy["b.warc.gz"]!.includes("hidden")).toBe(false)
    for (const shard of shards) await copyShard(root, shard, made.out)
    expect(filesBelow(made.out)["a.warc.gz"]).toEqual(shared)
    expect(filesBelow(made.out)["b.warc.gz"]!.includes("hidden")).toBe(false)
  })
})

describe("a scan of a WARC file", () => {
  it("withholds the records with a listed picture however they were sent, and a purge removes those that match exactly", async () => {
    using test = await testWorkspace()
    await importRecords(test.workspace, await listOf(961))
    const listed = Buffer.from(await jpeg(961))
    const elsewhere = Buffer.from("a page that is not stored")
    await importRecords(test.workspace, [digestRecord(elsewhere, "sha1")], { name: "sha1" })
    const picture = { http: { "Content-Type": "image/jpeg" } }
    const url = "https://pictures.example/1.jpg"
    const kept = [
      INFO,
      PAGE,
      responseRecord("https://a.example/2.jpg", await jpeg(2), picture),
      warcRecord(
        { "WARC-Type": "request", "Content-Type": "application/http; msgtype=request" },
        "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
      ),
      TEXT,
    ]
    const encoded = { "Content-Type": "image/jpeg", "Transfer-Encoding": "chunked", "Content-Encoding": "gzip" }
    const dropped = [
      responseRecord(url, listed, picture),
      responseRecord(url, chunked(gzipSync(listed)), { http: encoded }),
      responseRecord(url, `<!doctype html><img src="data:image/jpeg;base64,${listed.toString("base64")}">`),
      warcRecord({ "WARC-Type": "resource", "Content-Type": "image/jpeg", "WARC-Target-URI": url }, listed),
      warcRecord({ "WARC-Type": "revisit", "WARC-Payload-Digest": base32Sha1(elsewhere) }, httpResponse({}, "")),
    ]
    const records = kept.flatMap((record, index) => [record, dropped[index]!])
    writeFiles(test.pathOf("data"), { "a.warc.gz": eachGzip(records), "b.warc": Buffer.concat(records) })
    const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    expect(report.causes).toEqual({})
    expect(report).toMatchObject({ withheldSamples: 10 })
    expect(readFileSync(test.pathOf("clean", "a.warc.gz")).equals(eachGzip(kept))).toBe(true)
    expect(readFileSync(test.pathOf("clean", "b.warc")).equals(Buffer.concat(kept))).toBe(true)
    const withheld = findingsOf(test.workspace).filter(({ decision }) => decision === "quarantine")
    expect(withheld.filter(({ depth }) => depth === 1)).toHaveLength(6)

    await purge(test, { basis: BASIS })
    // A picture within a page, and a digest that is only stated, wait for a person.
    const undecided = [dropped[2], dropped[4]]
    const left = records.filter((record) => kept.includes(record) || undecided.includes(record))
    expect(readFileSync(test.pathOf("data", "a.warc.gz")).equals(eachGzip(left))).toBe(true)
    expect((await plan(test.pathOf("data"))).shards).toHaveLength(2)
  })
})
