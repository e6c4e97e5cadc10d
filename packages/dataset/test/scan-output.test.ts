import { readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { COPY_KINDS } from "@nightlight/demo/generated"
import { LISTED, type Members, mixedDataset, sample, without, writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { changedJpeg, digestRecord, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import {
  bytesOf,
  filesBelow,
  membersOf,
  readBytes,
  sha256,
  type ZipInput,
  zip,
} from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { testCardPng } from "@nightlight/screening"
import { openEvidence, verifyEvidence } from "@nightlight/vault/open"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { ScanResult } from "../src/scan/run-scan.ts"
import { asBytes } from "./support/purges.ts"
import { findingsOf, receiptsOf, sidecarRowsOf } from "./support/scans.ts"

const CHANGED = 910
const MD5_ONLY = 911
const DECLARED = 912
const LEAD = 913

/** Samples that are known in some other way than by their bytes, each withheld for a reason of its own. */
async function oddSamples(): Promise<Members> {
  const copies = await Promise.all(
    COPY_KINDS.map(async (kind) => sample(`copy-${kind}`, await changedJpeg(CHANGED, kind))),
  )
  const raw = await jpeg(DECLARED)
  return {
    ...Object.assign({}, ...copies),
    ...sample("md5", await jpeg(MD5_ONLY)),
    ...sample("declared", await jpeg(50), { sha256: sha256(raw).toUpperCase() }),
    ...sample("unverified", await jpeg(LEAD)),
    ...sample("clear", await jpeg(51)),
    "card.png": testCardPng(0),
    "film.mp4": Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isomiso2", "latin1"),
  }
}

async function zipMembers(bytes: Uint8Array): Promise<Members> {
  const samples = await readBytes("clean.zip", bytes)
  return Object.fromEntries(samples.flatMap(({ items }) => items.map((item) => [item.place, bytesOf(item)])))
}

/** A zip whose first entry says that it is encrypted. */
async function lockedZip(name: string, more: readonly ZipInput[] = []): Promise<Uint8Array> {
  const bytes = await zip([{ name, content: "not to be read" }, ...more])
  bytes.writeUInt16LE(bytes.readUInt16LE(6) | 1, 6)
  const record = bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]))
  bytes.writeUInt16LE(bytes.readUInt16LE(record + 8) | 1, record + 8)
  return bytes
}

describe("a scan with a trusted and an unverified list, in locate custody", () => {
  let test: TestWorkspace
  let result: ScanResult
  let parts: Awaited<ReturnType<typeof mixedDataset>>
  let odd: Members

  beforeAll(async () => {
    test = await testWorkspace()
    parts = await mixedDataset(test.pathOf("data"))
    odd = await oddSamples()
    writeFiles(test.pathOf("data", "odd"), odd)
    await importRecords(test.workspace, [
      ...(await listOf(...Object.values(LISTED), CHANGED)),
      digestRecord(await jpeg(MD5_ONLY), "md5"),
      digestRecord(await jpeg(DECLARED), "sha256"),
    ])
    await importRecords(test.workspace, [digestRecord(await jpeg(LEAD), "sha256")], {
      name: "leads",
      trust: "unverified",
    })
    result = await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
  })
  afterAll(() => test[Symbol.dispose]())

  const decisionOf = async (content: Uint8Array | string | undefined) => {
    const digest = test.workspace.keyed.of("item", sha256(Buffer.from(content as string)))
    return findingsOf(test.workspace).filter(({ itemDigest }) => itemDigest === digest)
  }

  it.each(Object.entries(LISTED))("quarantines the very file that the list names, in a %s", async (_, seed) => {
    const [finding, ...others] = await decisionOf(await jpeg(seed))
    expect(others).toEqual([])
    expect(finding).toMatchObject({ decision: "quarantine", rule: "trusted-exact", depth: 0 })
    expect(finding?.matches.map(({ hashType }) => hashType).sort()).toEqual(["pdq", "sha256"])
  })

  it.each(COPY_KINDS)("asks for a person's review of a %s copy", async (kind) => {
    const [finding] = await decisionOf(odd[`copy-${kind}.jpg`])
    expect(finding).toMatchObject({ decision: "review", rule: "any-other-match" })
    expect(finding?.matches.map(({ hashType }) => hashType)).toEqual(["pdq"])
    const [match] = finding?.matches ?? []
    if (kind === "mirrored") expect(match?.transformation?.orientation).toBe("flipY")
    if (kind === "letterboxed") expect(match?.transformation?.crop).toBe("letterbox")
  })

  it("asks for a person's review of a file that only MD5 matches", async () => {
    expect(await decisionOf(odd["md5.jpg"])).toMatchObject([{ decision: "review", matches: [{ hashType: "md5" }] }])
  })

  it("asks for a person's review of a picture whose metadata has a listed digest, and not of its caption", async () => {
    const [finding] = await decisionOf(odd["declared.jpg"])
    expect(finding).toMatchObject({ decision: "review", matches: [{ hashType: "sha256", declared: true }] })
    expect(await decisionOf(odd["declared.txt"])).toEqual([])
    expect(await decisionOf(odd["declared.json"])).toEqual([])
  })

  it("never quarantines for an unverified list", async () => {
    expect(await decisionOf(odd["unverified.jpg"])).toMatchObject([
      { decision: "review", matches: [{ trust: "unverified" }] },
    ])
  })

  it("finds a test card, and withholds what cannot be screened", async () => {
    expect(await decisionOf(odd["card.png"])).toMatchObject([{ decision: "quarantine", rule: "test-card" }])
    const [film] = await decisionOf(odd["film.mp4"])
    expect(film).toMatchObject({ decision: "inconclusive", cause: "media_unsupported", matches: [] })
    expect(film?.evidence).toBeUndefined()
  })

  it("copies everything else byte for byte, and nothing of a withheld sample", async () => {
    const clean = filesBelow(test.pathOf("clean"))
    expect(Object.keys(clean).sort()).toEqual(
      [
        "000000.tar",
        "000001.tar.gz",
        "more.zip",
        "loose/metadata.csv",
        ...Object.keys(without(parts.folder, "folder-b")).map((name) => `loose/${name}`),
        ...Object.keys(odd)
          .filter((name) => name.startsWith("clear."))
          .map((name) => `odd/${name}`),
      ].sort(),
    )
    const tarLeft = without(parts.tar, "tar-b")
    expect(await membersOf(clean["000000.tar"] ?? Buffer.alloc(0))).toEqual(Object.entries(asBytes(tarLeft)))
    const gzipLeft = without(parts.gzip, "gzip-b")
    const gunzipped = gunzipSync(clean["000001.tar.gz"] ?? Buffer.alloc(0))
    expect(await membersOf(gunzipped)).toEqual(Object.entries(asBytes(gzipLeft)))
    expect(await zipMembers(clean["more.zip"] ?? Buffer.alloc(0))).toEqual(asBytes(without(parts.zip, "zip-b")))
    for (const [name, content] of Object.entries(asBytes(without(parts.folder, "folder-b")))) {
      expect(clean[`loose/${name}`]).toEqual(content)
    }
    expect(String(clean["loose/metadata.csv"])).toBe("file_name,text\nfolder-a.jpg,one\nfolder-c.jpg,three\n")
  })

  it("keeps a sidecar row for each clear item, and none for the others", async () => {
    const rows = await sidecarRowsOf(test.workspace)
    const inRows = new Set(rows.map((row) => Buffer.from(row["sha256"] as Uint8Array).toString("hex")))
    const all = [...Object.values(parts), odd].flatMap((members) => Object.values(asBytes(members)))
    const found = new Set(findingsOf(test.workspace).map(({ itemDigest }) => itemDigest))
    for (const content of all) {
      const digest = sha256(content)
      expect(inRows.has(digest)).toBe(!found.has(test.workspace.keyed.of("item", digest)))
    }
    expect(rows.every((row) => !("place" in row) && !("dihedral" in row))).toBe(true)
  })

  it("reports the counts of its receipts", () => {
    const receipts = [...receiptsOf(test.workspace).values()]
    const { report } = result
    expect(report.state).toBe("complete")
    expect(report.decisions).toMatchObject({ quarantine: 5, review: 8, inconclusive: 1, unscreened: 0, block: 0 })
    expect(report.decisions.clear).toBe(report.totals.items - 14)
    expect(report.withheldSamples).toBe(14)
    expect(report.inPlace).toMatchObject({ items: 12, test: 1 })
    expect(report.totals.items).toBe(receipts.reduce((sum, { items }) => sum + items, 0))
    expect(report.clean?.itemsWritten).toBe(receipts.reduce((sum, { clean }) => sum + (clean?.itemsWritten ?? 0), 0))
    expect(JSON.parse(readFileSync(join(result.folder, "report.json"), "utf8"))).toEqual(report)
  })

  it("seals only the context of real findings, and also the content of test cards", async () => {
    for (const finding of findingsOf(test.workspace)) {
      if (finding.evidence === undefined) continue
      const isCard = finding.matches.every(({ trust }) => trust === "test")
      expect(finding.evidence.content).toBe(isCard)
      for (const identity of test.identities) {
        const opened = await openEvidence(test.workspace.layout.evidence, finding.evidence.id, [identity])
        const content = Buffer.concat(await Array.fromAsync(opened.content))
        expect(content).toEqual(isCard ? Buffer.from(testCardPng(0)) : Buffer.alloc(0))
      }
    }
  })

  it("seals the origin of a finding, and writes it nowhere else", async () => {
    const [finding] = await decisionOf(await jpeg(LISTED.tar))
    const opened = await openEvidence(
      test.workspace.layout.evidence,
      finding?.evidence?.id ?? "",
      test.identities.slice(0, 1),
    )
    expect(opened.header.provenance).toMatchObject({
      dataset: test.pathOf("data"),
      shard: "000000.tar",
      key: "tar-b",
      place: "tar-b.jpg",
      sourceUrl: "https://pictures.example/tar-b.jpg",
      licence: "CC0-1.0",
      digests: { sha256: sha256(await jpeg(LISTED.tar)) },
    })
    const hidden = ["pictures.example", "CC0-1.0", "tar-b", "folder-b", "copy-mirrored", "card.png"]
    for (const [path, content] of Object.entries(filesBelow(test.root))) {
      for (const text of hidden) expect({ path, at: content.indexOf(text) }).toEqual({ path, at: -1 })
    }
  })

  it("writes no digest of a withheld item outside the evidence, not even in binary", async () => {
    const digests = await Promise.all(Object.values(LISTED).map(async (seed) => sha256(await jpeg(seed))))
    for (const [path, content] of Object.entries(filesBelow(join(test.root, "scans")))) {
      for (const digest of digests) {
        expect({ path, at: content.indexOf(digest) }).toEqual({ path, at: -1 })
        expect({ path, at: content.indexOf(Buffer.from(digest, "hex")) }).toEqual({ path, at: -1 })
      }
    }
  })
})

describe("a scan in seal custody", () => {
  it("seals the exact bytes of matched items, wherever they are, and the evidence verifies", async () => {
    using test = await testWorkspace({ custody: "seal" })
    const parts = await mixedDataset(test.pathOf("data"))
    await importRecords(test.workspace, await listOf(...Object.values(LISTED)))
    const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")] })
    expect(report.sealed).toEqual({ withContent: 4, contextOnly: 0 })
    const contents = new Set<string>()
    for (const { evidence } of findingsOf(test.workspace)) {
      const opened = await openEvidence(test.workspace.layout.evidence, evidence?.id ?? "", test.identities.slice(1))
      contents.add(sha256(Buffer.concat(await Array.fromAsync(opened.content))))
    }
    const listed = [
      parts.tar["tar-b.jpg"],
      parts.gzip["gzip-b.jpg"],
      parts.zip["zip-b.jpg"],
      parts.folder["folder-b.jpg"],
    ]
    expect(contents).toEqual(new Set(listed.map((bytes) => sha256(Buffer.from(bytes as Uint8Array)))))
    const { layout, keyed } = test.workspace
    for await (const check of verifyEvidence(layout.evidence, test.identities, { keyedDigest: keyed })) {
      expect(check).toMatchObject({ ok: true })
    }
  })
})

describe("a scan without a real list", () => {
  it("is unscreened: no clean copy, nothing clear, but with sidecars", async () => {
    using test = await testWorkspace()
    await mixedDataset(test.pathOf("data"))
    const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    expect(report).toMatchObject({ screened: false, state: "complete" })
    expect(report.decisions).toMatchObject({ clear: 0, unscreened: report.totals.items })
    expect(report.clean).toBeUndefined()
    expect(() => filesBelow(test.pathOf("clean"))).toThrow(expect.objectContaining({ code: "ENOENT" }))
    const rows = await sidecarRowsOf(test.workspace)
    expect(new Set(rows.map((row) => String(row["sha256"]) + String(row["ordinal"]))).size).toBe(report.totals.items)
  })

  it("still finds test cards", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), { "card.png": testCardPng(3), "text.txt": "words" })
    const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")] })
    expect(report.decisions).toMatchObject({ quarantine: 1, unscreened: 1 })
    expect(report.sealed).toEqual({ withContent: 1, contextOnly: 0 })
  })
})

describe("an unreadable item", () => {
  it("does not match a listed empty file", async () => {
    using test = await testWorkspace({ custody: "seal" })
    writeFiles(test.pathOf("data"), { "locked.zip": await lockedZip("x.bin"), "empty.txt": "", "text.txt": "words" })
    await importRecords(test.workspace, [digestRecord(new Uint8Array(), "sha256")])
    const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")] })
    const found = findingsOf(test.workspace)
    // By decision: the order of shards depends on the times of loose files.
    const digested = Object.fromEntries(found.map(({ decision, itemDigest }) => [decision, itemDigest !== undefined]))
    expect(found).toHaveLength(2)
    expect(digested).toEqual({ inconclusive: false, quarantine: true })
    expect(report.causes).toEqual({ archive_encrypted: 1 })
    expect(report.poison).toEqual([])
  })

  it("is still matched by the digest in its metadata, with its context sealed", async () => {
    using test = await testWorkspace({ custody: "seal" })
    const raw = await jpeg(DECLARED)
    const metadata = JSON.stringify({ md5: "0", sha256: sha256(raw) })
    writeFiles(test.pathOf("data"), { "locked.zip": await lockedZip("x.jpg", [{ name: "x.json", content: metadata }]) })
    await importRecords(test.workspace, [digestRecord(raw, "sha256")])
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    const [finding, ...others] = findingsOf(test.workspace)
    expect(others).toEqual([])
    expect(finding).toMatchObject({ decision: "review", cause: "archive_encrypted", evidence: { content: false } })
    expect(finding?.itemDigest).toBeUndefined()
  })
})
