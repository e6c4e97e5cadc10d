import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import type { HashRecord } from "@nightlight/core"
import { compact, MINUTE_MS } from "@nightlight/core"
import { sample, writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { changedJpeg, digestRecord, jpeg, listOf, pdqRecord } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, noSignal, plainTar, sha256 } from "@nightlight/dev-env/dataset/shards"
import {
  copyWorkspace,
  importRecords,
  scan,
  type TestWorkspace,
  testWorkspace,
} from "@nightlight/dev-env/dataset/workspaces"
import { IS_LONG, KILLS_LIMIT_MS, spreadKills } from "@nightlight/dev-env/machine/kill-at-every-step"
import { withLock } from "@nightlight/durable"
import { createHunter, type NewEntry } from "@nightlight/screening"
import fc from "fast-check"
import { describe, expect, it, vi } from "vitest"
import { verifyAudit } from "../src/audit/verify.ts"
import { huntSidecar } from "../src/hunt/hunt-sidecar.ts"
import { type HuntRequest, runHunt } from "../src/hunt/run-hunt.ts"
import { runScan } from "../src/scan/run-scan.ts"
import { scanFolder } from "../src/scan/scan-folder.ts"
import { sidecarInMemory } from "../src/sidecar/file.ts"
import { openSidecar } from "../src/sidecar/read.ts"
import { NO_HASH, type SidecarRow } from "../src/sidecar/rows.ts"
import { encodeSidecar } from "../src/sidecar/write.ts"
import { openWorkspace } from "../src/workspace/open.ts"
import { nightlight } from "./support/in-process.ts"
import { runScript } from "./support/run-command.ts"
import { findingsOf, receiptsOf } from "./support/scans.ts"

const KILLABLE = fileURLToPath(new URL("support/kill-command.ts", import.meta.url))

const OTHER: readonly HashRecord[] = [digestRecord(Buffer.from("on the list from the start"), "sha256")]

/** A dataset screened against a list that knows none of it: it holds copies of picture 930, and 931 itself. */
async function screened(keepOrientations = false): Promise<TestWorkspace> {
  const test = await testWorkspace()
  writeFiles(test.pathOf("data"), {
    "000000.tar": plainTar({
      ...sample("near", await changedJpeg(930, "re-encoded")),
      ...sample("bars", await changedJpeg(930, "letterboxed")),
      ...sample("mirrored", await changedJpeg(930, "mirrored")),
    }),
    ...sample("whole", await jpeg(931)),
    ...sample("else", await jpeg(932)),
  })
  await importRecords(test.workspace, OTHER)
  await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean"), keepOrientations })
  expect(findingsOf(test.workspace)).toEqual([])
  return test
}

const hunt = ({ workspace }: TestWorkspace, request: HuntRequest = {}) => runHunt(workspace, request, {}, noSignal)

const digestsOf = (test: TestWorkspace, ...contents: readonly Uint8Array[]) =>
  contents.map((content) => test.workspace.keyed.of("item", sha256(content))).sort()

describe("a hunt", () => {
  it("finds items of a newer list by appearance, by cropped bars and by digest, once each", async () => {
    using test = await screened()
    await importRecords(test.workspace, [
      ...OTHER,
      await pdqRecord(await jpeg(930)),
      digestRecord(await jpeg(931), "sha1"),
      digestRecord(await jpeg(932), "md5"),
    ])
    const { report, items } = await hunt(test)
    expect(items.map(({ itemDigest }) => itemDigest).sort()).toEqual(
      digestsOf(
        test,
        await changedJpeg(930, "re-encoded"),
        await changedJpeg(930, "letterboxed"),
        await jpeg(931),
        await jpeg(932),
      ),
    )
    const decisions = items.map(({ decision, matches: [match] }) =>
      [match?.hashType, match?.transformation?.crop, decision].join(" "),
    )
    expect(new Set(decisions)).toEqual(
      new Set(["md5  review", "pdq letterbox review", "pdq none review", "sha1  quarantine"]),
    )
    expect(report.scans).toMatchObject([
      { scan: "s-000001", newEntries: 3, items: 4, withdrawn: [], orientations: false },
    ])
    expect(report.inPlace.map(({ path, items }) => [path, items])).toEqual([
      ["000000.tar", 2],
      [expect.stringMatching(/^files-/), 2],
    ])

    const second = await hunt(test)
    expect(second.items).toEqual([])
    expect(second.report).toMatchObject({ hunt: "h-000002", scans: [{ newEntries: 0, fingerprints: 0 }] })
    expect((await hunt(test, { again: true })).items).toEqual(items)
    expect(await verifyAudit(test.workspace)).toMatchObject({ ok: true })
  })

  it("finds rotated copies where the scan kept all orientations", async () => {
    using test = await screened(true)
    await importRecords(test.workspace, [...OTHER, await pdqRecord(await jpeg(930))])
    const { report, items } = await hunt(test)
    expect(items).toHaveLength(3)
    const orientations = items.flatMap(({ matches }) =>
      matches.map(({ transformation }) => transformation?.orientation),
    )
    expect(new Set(orientations)).toEqual(new Set(["flipY", "upright"]))
    expect(report.scans[0]?.orientations).toBe(true)
  })

  it("names the findings that rest on withdrawn entries, in this hunt and after later versions", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), { ...sample("a", await jpeg(933)), ...sample("b", await jpeg(934)) })
    const [first, second] = [await listOf(933), await listOf(934)]
    await importRecords(test.workspace, [...first, ...second])
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    const idOf = async (seed: number) => {
      const [digest] = digestsOf(test, await jpeg(seed))
      return findingsOf(test.workspace).find(({ itemDigest }) => itemDigest === digest)?.id
    }
    await importRecords(test.workspace, second)
    expect((await hunt(test)).report.scans).toMatchObject([{ items: 0, withdrawn: [await idOf(933)] }])
    await importRecords(test.workspace, OTHER)
    const [summary] = (await hunt(test)).report.scans
    expect(new Set(summary?.withdrawn)).toEqual(new Set([await idOf(933), await idOf(934)]))
  })

  it("searches again what an unfinished scan had yet to screen", async () => {
    using test = await testWorkspace()
    for (const shard of [0, 1, 2]) {
      writeFiles(test.pathOf("data"), { [`${shard}.tar`]: plainTar({ "a.txt": `words ${shard}` }) })
    }
    await importRecords(test.workspace, OTHER)
    const stop = new AbortController()
    const request = { inputs: [test.pathOf("data")], out: test.pathOf("clean") }
    await expect(runScan(test.workspace, request, { onProgress: () => stop.abort() }, stop.signal)).rejects.toThrow()
    const words = [0, 1, 2].map((shard) => digestRecord(Buffer.from(`words ${shard}`), "sha256"))
    await importRecords(test.workspace, [...OTHER, ...words])
    expect((await hunt(test)).items.length).toBeLessThan(3)
    await scan(test.workspace, request)
    expect((await hunt(test)).items).toHaveLength(3)
    expect((await hunt(test)).items).toHaveLength(0)
  })

  it("searches again what a scan screened during the hunt", async () => {
    using test = await testWorkspace()
    for (const shard of [0, 1]) {
      writeFiles(test.pathOf("data"), { [`${shard}.tar`]: plainTar({ "a.txt": `words ${shard}` }) })
    }
    await importRecords(test.workspace, OTHER)
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    const words = [0, 1].map((shard) => digestRecord(Buffer.from(`words ${shard}`), "sha256"))
    await importRecords(test.workspace, [...OTHER, ...words])
    // The scan's last receipt and its report come when the hunt has begun.
    const folder = scanFolder(test.workspace.layout.scans, "s-000001")
    const last = readdirSync(folder.receipts).sort().at(-1) ?? ""
    const late = [join(folder.receipts, last), folder.reportJson]
    for (const path of late) renameSync(path, `${path}.later`)
    const onProgress = () => {
      for (const path of late) renameSync(`${path}.later`, path)
    }

    expect((await runHunt(test.workspace, {}, { onProgress }, noSignal)).items).toHaveLength(1)

    expect((await hunt(test)).items).toHaveLength(2)
    expect((await hunt(test)).items).toHaveLength(0)
  })

  it("uses the lists of the time when it runs, not of the time when it began to wait", async () => {
    using test = await screened()
    // By another path, as another process would: callers of one process by the same path take turns.
    symlinkSync(test.root, test.pathOf("alias"))
    const lock = join(test.pathOf("alias"), relative(test.root, test.workspace.layout.hunts), "lock")
    const waiting = await withLock(lock, async () => {
      const items = hunt(test)
      // Beside the file of who holds the lock lies that of who waits for it.
      await vi.waitUntil(() => readdirSync(lock).length > 1, { timeout: 20_000 })
      await importRecords(test.workspace, [...OTHER, digestRecord(await jpeg(931), "sha1")])
      return { items }
    })

    expect((await waiting.items).items).toHaveLength(1)
  })

  it.runIf(IS_LONG)(
    "finds the same when it is repeated after being killed at any step",
    { timeout: KILLS_LIMIT_MS },
    async () => {
      using test = await screened()
      await importRecords(test.workspace, [...OTHER, ...(await listOf(930, 931))])
      const run = async (name: string, killAt?: number) => {
        const root = test.pathOf(name)
        if (!existsSync(root)) await copyWorkspace(test, root)
        return await runScript(KILLABLE, ["--workspace", root, "hunt", "--json"], {
          env: {
            ...process.env,
            ...compact({ NIGHTLIGHT_TEST_KILL_AT: killAt === undefined ? undefined : String(killAt) }),
          },
        })
      }
      const whole = await run("whole")
      const [expected] = JSON.parse(whole.out).scans
      expect(expected.items).toBe(3)
      const steps = Number(whole.err.split("\n").at(-1))
      for (const [kill, killAt] of spreadKills(steps, 3).entries()) {
        expect(await run(`killed-${kill}`, killAt)).toMatchObject({ signal: "SIGKILL" })
        const again = await run(`killed-${kill}`)
        const [summary] = JSON.parse(again.out).scans
        // Killed behind its last word, it had nothing left to find.
        const isDone =
          existsSync(join(test.pathOf(`killed-${kill}`), "scans", "s-000001", "hunted.json")) &&
          summary.newEntries === 0
        if (!isDone) expect(summary, `killed at ${killAt}`).toEqual(expected)
        expect(await verifyAudit(await openWorkspace(test.pathOf(`killed-${kill}`)))).toMatchObject({ ok: true })
      }
    },
  )

  it("refuses a sidecar that is damaged, missing or of another shard", { timeout: 3 * MINUTE_MS }, async () => {
    using test = await screened()
    await importRecords(test.workspace, [...OTHER, ...(await listOf(930))])
    const folder = join(test.workspace.layout.scans, "s-000001", "sidecars")
    const names = readdirSync(folder)
    const name = `${receiptsOf(test.workspace).get("000000.tar")?.shard.id}.parquet`
    const other = names.find((each) => each !== name) ?? ""
    const bytes = readFileSync(join(folder, name))
    const flipped = Buffer.from(bytes)
    // A bit of a stored PDQ hash: what a tamperer would change to hide a picture.
    const offset = bytes.indexOf(Buffer.from((await pdqRecord(await changedJpeg(930, "re-encoded"))).hash, "hex"))
    if (offset > 0) flipped[offset] = (flipped[offset] ?? 0) ^ 1
    else flipped[200] = (flipped[200] ?? 0) ^ 1
    for (const damaged of [flipped, bytes.subarray(0, 100), Buffer.alloc(0), readFileSync(join(folder, other))]) {
      writeFileSync(join(folder, name), damaged)
      await expect(hunt(test)).rejects.toThrow(expect.objectContaining({ code: "receipt_untrusted" }))
    }
    rmSync(join(folder, name))
    await expect(hunt(test)).rejects.toThrow(expect.objectContaining({ code: "receipt_untrusted" }))
    writeFileSync(join(folder, name), bytes)
    expect((await hunt(test)).items).toHaveLength(2)
  })

  it("reports its findings on the command line, and exits as --fail-on asks", { timeout: 3 * MINUTE_MS }, async () => {
    using test = await screened()
    await importRecords(test.workspace, [...OTHER, ...(await listOf(931))])
    const found = await nightlight(test.root, "hunt", "s-000001", "--fail-on", "quarantine", "--json")
    expect(found.exit).toBe(1)
    expect(JSON.parse(found.out)).toMatchObject({ hunt: "h-000001", scans: [{ items: 1 }] })
    expect((await nightlight(test.root, "hunt", "--fail-on", "quarantine")).exit).toBe(0)
    expect(await nightlight(test.root, "hunt", "s-000009")).toMatchObject({ exit: 2, out: "" })
    for (const [path, content] of Object.entries(filesBelow(test.workspace.layout.hunts))) {
      for (const hidden of ["whole", sha256(await jpeg(931))]) {
        expect({ path, at: content.indexOf(hidden) }).toEqual({ path, at: -1 })
      }
    }
  })
})

describe("hunting in a sidecar", () => {
  const hex = (bytes: number) =>
    fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((hashOf) => Buffer.from(hashOf).toString("hex"))
  /** Hashes near each other, so that radius and rows meet. */
  const pdq = fc
    .tuple(fc.constantFrom("0", "5", "f"), fc.uniqueArray(fc.nat(255), { maxLength: 40 }))
    .map(([digit, bits]) => flip(digit.repeat(64), bits))
  const row = fc.record({
    ordinal: fc.nat(1_000),
    frame: fc.nat(3),
    pdq,
    pdqQuality: fc.constantFrom(-1, 0, 49, 50, 100),
    pdqCropped: pdq,
    pdqCroppedQuality: fc.constantFrom(-1, 49, 50, 100),
    content: hex(4),
  })

  it("finds what brute force finds, and nothing else", { timeout: 3 * MINUTE_MS }, () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 20 }),
        fc.array(fc.tuple(pdq, fc.constantFrom(0, 15, 31)), { maxLength: 8 }),
        fc.array(hex(4), { maxLength: 4 }),
        (drawn, wanted, contents) => {
          const rows = drawn.map(toRow)
          const entries: NewEntry[] = [
            ...wanted.map(([hash, radiusBits], entry) => newEntry("pdq", hash, entry, radiusBits)),
            ...[...contents, ...drawn.slice(0, 2).map(({ content }) => content)].map((content, entry) =>
              newEntry("sha256", digestOf(content), wanted.length + entry, 31),
            ),
          ]
          const meta = { scan: "s-000001", shard: "x", profile: "fullres", kernel: "fast", orientations: false }
          const sidecar = openSidecar(sidecarInMemory(encodeSidecar(rows, meta)))
          const found = huntSidecar(sidecar, createHunter(entries)).map((hit) =>
            [hit.row, hit.ordinal, hit.frame, hit.entry.entry, hit.distanceBits, hit.crop, hit.sha256].join(" "),
          )
          expect(found.sort()).toEqual(bruteForce(rows, entries).sort())
        },
      ),
      { numRuns: process.env["NIGHTLIGHT_LONG"] === undefined ? 100 : 2_000 },
    )
  })
})

function bruteForce(rows: readonly SidecarRow[], entries: readonly NewEntry[]): string[] {
  const hits: string[] = []
  for (const [
    index,
    { ordinal, frame, pdq, pdqQuality, pdqCropped, pdqCroppedQuality, sha256: digest },
  ] of rows.entries()) {
    for (const { entry, hash, hashType, radiusBits } of entries) {
      const add = (distance: number, crop: string) =>
        hits.push([index, ordinal, frame, entry, distance, crop, digest].join(" "))
      if (hashType === "sha256") {
        if (Buffer.from(hash).toString("hex") === digest) add(0, "none")
        continue
      }
      const near = bitsApart(hash, pdq)
      if (pdqQuality >= 50 && near <= radiusBits) add(near, "none")
      const nearCropped = bitsApart(hash, pdqCropped)
      if (pdqCroppedQuality >= 50 && nearCropped <= radiusBits) add(nearCropped, "letterbox")
    }
  }
  return hits
}

function toRow(drawn: {
  ordinal: number
  frame: number
  pdq: string
  pdqQuality: number
  pdqCropped: string
  pdqCroppedQuality: number
  content: string
}): SidecarRow {
  const { content, ...row } = drawn
  return {
    ...row,
    view: "upright",
    mediaType: "image/jpeg",
    sizeBytes: 4,
    md5: NO_HASH.slice(0, 32),
    sha1: NO_HASH.slice(0, 40),
    sha256: digestOf(content),
    dihedral: "",
    dihedralCropped: "",
  }
}

function newEntry(hashType: NewEntry["hashType"], hash: string, entry: number, radiusBits: number): NewEntry {
  return { list: "known", entry, hashType, hash: Buffer.from(hash, "hex"), radiusBits }
}

function digestOf(content: string): string {
  return createHash("sha256").update(content, "hex").digest("hex")
}

function flip(hash: string, bits: readonly number[]): string {
  const bytes = Buffer.from(hash, "hex")
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return bytes.toString("hex")
}

function bitsApart(a: Uint8Array, b: string): number {
  let bits = 0
  for (const [index, byte] of Buffer.from(b, "hex").entries()) {
    for (let rest = byte ^ (a[index] ?? 0); rest !== 0; rest &= rest - 1) bits++
  }
  return bits
}
