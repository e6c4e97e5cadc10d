import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import type { ScanReport } from "@nightlight/contract"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, plainTar, sha256, zip } from "@nightlight/dev-env/dataset/shards"
import { importRecords, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import sharp from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { CONTROLS } from "./support/controls.ts"
import { mdsShard } from "./support/mds.ts"
import { type CommandResult, command } from "./support/run-command.ts"
import { responseRecord, warcRecord } from "./support/warc.ts"

/** Stands for everything that must not leave an item: harmless, and nowhere else in the world. */
const CANARY = "canary-7f3a91c5"
const HOSTILE = [
  `<script>alert("${CANARY}")</script>`,
  `${CANARY}\u001b[2J\u001b]0;title\u0007`,
  `${CANARY}\u202egpj.exe`,
  `=cmd|'/c calc'!A1 ${CANARY}`,
  `${CANARY}\r\nSet-Cookie: x`,
  `${CANARY}\ufffe\u0001`,
]

/** Names of shards are what an operator typed: they are shown, and must be inert wherever they are. */
const SHARD = '000000-"><img src=x onerror=alert(1)>\u202e\u001b[31m.tar'

async function withExif(seed: number): Promise<Uint8Array> {
  const exif = { IFD0: { ImageDescription: CANARY, Artist: `${CANARY} artist` } }
  return await sharp(await jpeg(seed))
    .withExif(exif)
    .jpeg()
    .toBuffer()
}

async function canaryDataset(folder: string): Promise<Uint8Array> {
  const known = await withExif(940)
  const metadata = JSON.stringify({ url: `https://${CANARY}.example/x.jpg`, caption: CANARY, license: CANARY })
  const known940 = { [`${CANARY}.jpg`]: known, [`${CANARY}.json`]: metadata, [`${CANARY}.txt`]: CANARY }
  writeFiles(folder, {
    [SHARD]: plainTar({
      ...known940,
      ...Object.fromEntries(HOSTILE.map((name) => [name.slice(0, 90), `${CANARY} in text`])),
    }),
    "000001.tar.gz": gzipSync(plainTar(known940)),
    "more.zip": await zip(Object.entries(known940).map(([name, content]) => ({ name, content }))),
    ...known940,
    ...Object.fromEntries(HOSTILE.map((name, index) => [`${index} ${name.replaceAll("/", "")}`, `${CANARY} in text`])),
    [`${CANARY}.mp4`]: Buffer.from(`\0\0\0\x18ftypisom\0\0\x02\0isomiso2${CANARY}`, "latin1"),
    [`${CANARY}-cut.jpg`]: (await jpeg(941)).subarray(0, 300),
    "chat.jsonl.gz": gzipSync(chatLines(known)),
    "crawl.warc.gz": Buffer.concat([
      gzipSync(responseRecord(`https://${CANARY}.example/x.jpg`, known, { http: { "X-Note": CANARY } })),
      gzipSync(warcRecord({ "WARC-Type": "conversion", "WARC-Target-URI": CANARY }, `${CANARY} in text`)),
    ]),
    "shard.00000.mds": mdsShard({ [CANARY]: "jpeg", caption: "str" }, [
      { [CANARY]: known, caption: Buffer.from(CANARY) },
      { [CANARY]: await jpeg(942), caption: Buffer.from(CANARY) },
    ]),
    "inner.zip": await zip([{ name: `${CANARY}/inner.tar`, content: plainTar(known940) }]),
  })
  return known
}

/** Lines of which one carries the picture, one cannot be read, and one is clear. */
function chatLines(known: Uint8Array): string {
  const url = `data:image/jpeg;base64,${Buffer.from(known).toString("base64")}`
  return `{"${CANARY}":"${url}","url":"https://${CANARY}.example/"}\n{"${CANARY}":\n{"text":"${CANARY}"}\n`
}

describe("a canary in names, captions, URLs, EXIF and archives", () => {
  let test: TestWorkspace
  let known: Uint8Array
  let runs: readonly CommandResult[]

  beforeAll(async () => {
    test = await testWorkspace({ custody: "seal" })
    known = await canaryDataset(test.pathOf("data"))
    mkdirSync(test.pathOf("tmp"))
    await importRecords(test.workspace, [...(await listOf(940)), digestRecord(known, "sha256")])
    const env = { ...process.env, TMPDIR: test.pathOf("tmp"), NODE_DEBUG: "" }
    const run = (...args: readonly string[]) => command(["--workspace", test.root, ...args], { env })
    runs = [
      await run("scan", test.pathOf("data"), "--out", test.pathOf("clean")),
      await run("scan", test.pathOf("data"), "--out", test.pathOf("clean"), "--json"),
      await run("hunt", "--again"),
      await run("purge", "s-000001", "--dry-run"),
      await run("evidence", "ls"),
      await run("manifest", "export", "s-000001", "--out", test.pathOf("manifest.ndjson")),
      await run("purge", "s-000001"),
    ]
  })
  afterAll(() => test[Symbol.dispose]())

  it("is found, sealed and purged in every kind of shard", () => {
    expect(runs.map(({ exit }) => exit)).toEqual([0, 0, 0, 0, 0, 0, 0])
    const report: ScanReport = JSON.parse(runs[1]?.out ?? "")
    // Tar, gzip, zip, folder, a tar in a zip, JSON lines, WARC and MDS.
    expect(report.decisions.quarantine).toBe(8)
    expect(report.decisions.inconclusive).toBeGreaterThan(0)
    for (const content of Object.values(filesBelow(test.pathOf("data"))))
      expect(content.includes(Buffer.from(known))).toBe(false)
  })

  it("appears in no file of the workspace, in no temporary file, and on no terminal", () => {
    const texts = runs.flatMap(({ out, err }, run) => [
      [`out ${run}`, Buffer.from(out)] as const,
      [`err ${run}`, Buffer.from(err)] as const,
    ])
    const files = [test.root, test.pathOf("tmp")].flatMap((folder) => Object.entries(filesBelow(folder)))
    const manifest = ["manifest", readFileSync(test.pathOf("manifest.ndjson"))] as const
    const hidden = [CANARY, CANARY.toUpperCase(), Buffer.from(CANARY).toString("base64").slice(0, 16), sha256(known)]
    for (const [place, content] of [...texts, ...files, manifest]) {
      for (const text of hidden) expect({ place, text, at: content.indexOf(text) }).toEqual({ place, text, at: -1 })
      // The list itself knows it, of course.
      if (/^(lists|index)\//.test(place)) continue
      expect({ place, at: content.indexOf(Buffer.from(sha256(known), "hex")) }).toEqual({ place, at: -1 })
    }
    for (const [path] of files) expect(path).not.toContain(CANARY)
  })

  it("appears in the clean copy only where its sample is clear", () => {
    for (const [path, content] of Object.entries(filesBelow(test.pathOf("clean")))) {
      expect({ path, at: content.indexOf(Buffer.from(known).subarray(0, 64)) }).toEqual({ path, at: -1 })
      expect(path).not.toContain(`${CANARY}.jpg`)
      expect(path).not.toContain(`${CANARY}.txt`)
    }
  })

  it("is inert on a terminal: no control character, no override", () => {
    for (const { out, err } of runs) {
      expect(out + err).not.toMatch(CONTROLS)
    }
  })

  it("leaves a report page that runs nothing, loads nothing and names no item", () => {
    const page = readFileSync(join(test.workspace.layout.scans, "s-000001", "report.html"), "utf8")
    for (const tag of page.match(/<[^>]+>/g) ?? []) {
      expect(tag).not.toMatch(/^<\/?(script|img|iframe|link|object|embed|base|form|a)\b/i)
      expect(tag).not.toMatch(/\s(src|href|srcset|action|on\w+)\s*=/i)
    }
    expect(page).not.toMatch(/url\(|@import|https?:/i)
    expect(page).not.toMatch(CONTROLS)
    expect(page).toContain("&#60;img src=x onerror=alert(1)&#62;")
    expect(page).toContain("default-src 'none'")
  })
})
