import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { PURGE_FORMAT } from "@nightlight/contract"
import { compact } from "@nightlight/core"
import { LISTED, sample, without, writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { changedJpeg, digestRecord, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, membersOf, noSignal, plainTar, sha256, tar, tarMember } from "@nightlight/dev-env/dataset/shards"
import { copyWorkspace, importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { KILLS_LIMIT_MS, spreadKills } from "@nightlight/dev-env/machine/kill-at-every-step"
import { checkDocument, tempName } from "@nightlight/durable"
import { afterAll, describe, expect, it } from "vitest"
import { verifyAudit } from "../src/audit/verify.ts"
import { runHunt } from "../src/hunt/run-hunt.ts"
import type { PurgeProgress } from "../src/purge/run-purge.ts"
import { openWorkspace } from "../src/workspace/open.ts"
import { nightlight } from "./support/in-process.ts"
import { asBytes, BASIS, expectPurged, purge, removeScanned, restoreData, scanned } from "./support/purges.ts"
import { runScript } from "./support/run-command.ts"
import { findingsOf } from "./support/scans.ts"

const KILLABLE = fileURLToPath(new URL("support/kill-command.ts", import.meta.url))

afterAll(removeScanned)

describe("a purge", () => {
  it("needs a legal basis for items that are not sealed, and removes nothing without one", async () => {
    const { test } = await scanned()
    using _ = test
    const before = filesBelow(test.pathOf("data"))
    const refused = await nightlight(test.root, "purge", "s-000001")
    expect(refused).toMatchObject({ exit: 2, out: "" })
    expect(refused.err).toContain("4 of 4 known items are not sealed")
    expect(refused.err).toContain("--basis")
    expect(filesBelow(test.pathOf("data"))).toEqual(before)
  })

  it("with a legal basis removes exactly the samples of known items, and everything else stays byte for byte", async () => {
    const { test, parts } = await scanned()
    using _ = test
    const kept = statSync(test.pathOf("data", "loose", "folder-a.jpg"))
    const report = await purge(test, { basis: BASIS })
    expect(report).toMatchObject({ purge: "p-000001", itemsKnown: 4, itemsRemoved: 4, samplesRemoved: 4, gone: 0 })
    expect(report.shards.flatMap(({ stale }) => stale)).toEqual(["loose/metadata.csv"])
    await expectPurged(test.pathOf("data"), parts)
    // A plain file that stays is not even written anew.
    expect(statSync(test.pathOf("data", "loose", "folder-a.jpg"))).toMatchObject({
      ino: kept.ino,
      mtimeMs: kept.mtimeMs,
    })
    expect(readdirSync(test.folder.path).filter((name) => name.startsWith("."))).toEqual([])
    expect(await purge(test, { basis: BASIS })).toMatchObject({ purge: "p-000002", itemsRemoved: 0, gone: 4 })
  })

  it("removes the folder that a killed purge left beside the dataset, even if nothing is left to remove", async () => {
    const { test } = await scanned()
    using _ = test
    await purge(test, { basis: BASIS })
    const left = test.pathOf(`.nightlight-purge-${test.workspace.signer.keyId}`)
    mkdirSync(left)
    writeFileSync(join(left, "000000.tar"), "half a shard")
    await purge(test, { basis: BASIS })
    expect(readdirSync(test.folder.path).filter((name) => name.startsWith("."))).toEqual([])
  })

  it("removes the file that a killed purge was writing in the workspace", async () => {
    const { test } = await scanned()
    using _ = test
    const { purges } = test.workspace.layout
    mkdirSync(purges, { mode: 0o700 })
    const ofEndedProcess = tempName().replace(`-${process.pid}-`, "-4194303-")
    writeFileSync(join(purges, ofEndedProcess), "half a note")
    await purge(test, { basis: BASIS })
    expect(readdirSync(purges)).toEqual(["lock", "p-000001.json"])
  })

  it("needs no legal basis for sealed items", async () => {
    const { test, parts } = await scanned("seal")
    using _ = test
    expect(await purge(test)).toMatchObject({ itemsRemoved: 4 })
    await expectPurged(test.pathOf("data"), parts)
  })

  it("needs no legal basis where the evidence of one place is gone and the same bytes are sealed from another", async () => {
    using test = await testWorkspace({ custody: "seal" })
    const known = "words that a list knows"
    const lay = (members: Readonly<Record<string, string>>) =>
      writeFiles(test.pathOf("data"), { "000000.tar": plainTar(members) })
    lay({ "a.txt": known })
    await importRecords(test.workspace, [digestRecord(Buffer.from(known), "sha256")])
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    lay({ "0.txt": "one more before it", "a.txt": known })
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    const [id = ""] = findingsOf(test.workspace).map(({ evidence }) => evidence?.id)
    const { evidence } = test.workspace.layout
    const files = Object.keys(filesBelow(evidence)).filter((name) => name.includes(id))
    expect(files.length).toBeGreaterThan(0)
    for (const name of files) rmSync(join(evidence, name))
    expect(await purge(test)).toMatchObject({ itemsKnown: 1, itemsRemoved: 1, gone: 0 })
  })

  it("does not count incomplete evidence as sealed", async () => {
    const { test } = await scanned("seal")
    using _ = test
    const { evidence } = test.workspace.layout
    const name = Object.keys(filesBelow(evidence)).find((file) => file.endsWith(".age")) ?? ""
    truncateSync(join(evidence, name), 10)
    await expect(purge(test)).rejects.toThrow(expect.objectContaining({ code: "evidence_digest_mismatch" }))
  })

  it("signs a receipt that names no item, and keeps it in the log", async () => {
    const { test } = await scanned()
    using _ = test
    await purge(test, { basis: BASIS })
    const { purges, audit } = test.workspace.layout
    const text = readFileSync(join(purges, "p-000001.json"), "utf8")
    const receipt = checkDocument(JSON.parse(text), PURGE_FORMAT, test.workspace.verifier)
    expect(receipt).toMatchObject({ scan: "s-000001", basis: BASIS, people: "one person", itemsRemoved: 4 })
    for (const hidden of ["tar-b", "folder-b", sha256(await jpeg(LISTED.tar))]) expect(text).not.toContain(hidden)
    const types = Object.values(filesBelow(audit)).join("\n")
    for (const type of ["purge.started", "purge.shard-purged", "purge.completed"]) expect(types).toContain(type)
    expect(await verifyAudit(test.workspace)).toMatchObject({ ok: true })
  })

  it("reports its progress to a watcher, if there is one", async () => {
    const { test } = await scanned()
    using _ = test
    let progress: Readonly<PurgeProgress> | undefined
    await purge(test, { basis: BASIS }, { onPlan: (counts) => (progress = counts) })
    expect(progress).toMatchObject({ shardsTotal: 5, shardsDone: 5, removed: 4 })
    expect(progress?.bytesDone).toBe(progress?.bytesTotal)
    expect(progress?.items).toBeGreaterThan(4 * 3)
    const again = await nightlight(test.root, "purge", "s-000001", "--basis", BASIS, "--quiet")
    expect(again).toEqual({ exit: 0, out: "", err: "" })
  })

  it("reports with --dry-run what it would remove, and removes nothing", async () => {
    const { test } = await scanned()
    using _ = test
    const before = filesBelow(test.pathOf("data"))
    const answer = await nightlight(test.root, "purge", "s-000001", "--dry-run", "--json")
    expect(answer.exit).toBe(0)
    expect(JSON.parse(answer.out)).toMatchObject({ dryRun: true, itemsRemoved: 4, samplesRemoved: 4 })
    expect(filesBelow(test.pathOf("data"))).toEqual(before)
    expect(readdirSync(test.workspace.layout.purges)).toEqual(["lock"])
  })

  it("leaves items that changed since, because only known bytes are removed", async () => {
    const { test } = await scanned()
    using _ = test
    writeFileSync(test.pathOf("data", "loose", "folder-b.jpg"), await jpeg(77))
    expect(await purge(test, { basis: BASIS })).toMatchObject({ itemsRemoved: 3, gone: 1 })
    expect(readFileSync(test.pathOf("data", "loose", "folder-b.jpg"))).toEqual(Buffer.from(await jpeg(77)))
  })

  it("waits for another purge of the same items, and then has nothing left to do", async () => {
    const { test, parts } = await scanned()
    using _ = test

    const reports = await Promise.all([purge(test, { basis: BASIS }), purge(test, { basis: BASIS })])

    const counts = reports.map(({ itemsRemoved, gone, failed }) => ({ itemsRemoved, gone, failed }))
    expect(counts).toContainEqual({ itemsRemoved: 4, gone: 0, failed: [] })
    expect(counts).toContainEqual({ itemsRemoved: 0, gone: 4, failed: [] })
    await expectPurged(test.pathOf("data"), parts)
  })

  it("works on a copy that is cut into other shards", async () => {
    const { test, parts } = await scanned()
    using _ = test
    const all = { ...parts.zip, ...parts.tar, ...parts.folder, ...parts.gzip }
    writeFiles(test.pathOf("copy"), { "all.tar": plainTar(all) })
    const before = filesBelow(test.pathOf("data"))
    expect(await purge(test, { basis: BASIS, from: test.pathOf("copy") })).toMatchObject({ itemsRemoved: 4 })
    const left = without(all, "tar-b", "gzip-b", "zip-b", "folder-b")
    expect(await membersOf(readFileSync(test.pathOf("copy", "all.tar")))).toEqual(Object.entries(asBytes(left)))
    expect(filesBelow(test.pathOf("data"))).toEqual(before)
  })

  it("searches only the folders of the scan, even with another folder between them", async () => {
    using test = await testWorkspace()
    const known = await jpeg(LISTED.folder)
    for (const folder of ["a", "b", "c"]) writeFiles(test.pathOf("data", folder), { ...sample(folder, known) })
    await importRecords(test.workspace, await listOf(LISTED.folder))
    await scan(test.workspace, { inputs: [test.pathOf("data", "a"), test.pathOf("data", "c")] })
    expect(await purge(test, { basis: BASIS })).toMatchObject({ itemsRemoved: 2, gone: 0 })
    expect(Object.keys(filesBelow(test.pathOf("data")))).toEqual(["b/b.jpg", "b/b.json", "b/b.txt"])
  })

  it("leaves look-alikes for a person's review, unless told to include them", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), {
      ...sample("near", await changedJpeg(920, "re-encoded")),
      ...sample("far", await jpeg(1)),
    })
    await importRecords(test.workspace, await listOf(920))
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    expect(await purge(test, { basis: BASIS })).toMatchObject({ itemsKnown: 0, itemsRemoved: 0, undecided: 1 })
    expect(await purge(test, { basis: BASIS, includeReview: true })).toMatchObject({ itemsRemoved: 1, undecided: 0 })
    expect(Object.keys(filesBelow(test.pathOf("data")))).toEqual(["far.jpg", "far.json", "far.txt"])
  })

  it("removes the picture that metadata describes, and not every caption equal to the one beside it", async () => {
    using test = await testWorkspace()
    const declared = { "a.txt": "same words", "a.json": JSON.stringify({ sha256: sha256(await jpeg(922)) }) }
    writeFiles(test.pathOf("data"), {
      "0.tar": plainTar({ "a.jpg": await jpeg(1), ...declared, "b.jpg": await jpeg(2), "b.txt": "same words" }),
    })
    await importRecords(test.workspace, await listOf(922))
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    expect(await purge(test, { basis: BASIS, includeReview: true })).toMatchObject({
      itemsRemoved: 1,
      samplesRemoved: 1,
    })
    const left = await membersOf(readFileSync(test.pathOf("data", "0.tar")))
    expect(left.map(([name]) => name)).toEqual(["b.jpg", "b.txt"])
  })

  it("continues past a broken shard, reports it, and counts the items before the break as still in place", async () => {
    using test = await testWorkspace()
    const known = "words that a list knows"
    writeFiles(test.pathOf("data"), {
      "000000.tar": plainTar({ "a.txt": known, "b.txt": "cut ".repeat(500) }),
      "000001.tar": plainTar({ "a.txt": known, "b.txt": "whole" }),
    })
    truncateSync(test.pathOf("data", "000000.tar"), 2 * 1024 + 100)
    await importRecords(test.workspace, [digestRecord(Buffer.from(known), "sha256")])
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    const answer = await nightlight(test.root, "purge", "s-000001", "--basis", BASIS, "--json")
    expect(answer.exit).toBe(42)
    expect(JSON.parse(answer.out)).toMatchObject({
      itemsRemoved: 1,
      failed: [{ path: "000000.tar", code: "shard_malformed" }],
    })
    expect((await membersOf(readFileSync(test.pathOf("data", "000001.tar")))).map(([name]) => name)).toEqual(["b.txt"])
  })

  it("reports when nothing of the source exists any more", async () => {
    const { test } = await scanned()
    using _ = test
    rmSync(test.pathOf("data"), { recursive: true })
    await expect(purge(test, { basis: BASIS })).rejects.toThrow(expect.objectContaining({ code: "not_found" }))
  })

  it("refuses findings that were altered", async () => {
    const { test } = await scanned()
    using _ = test
    const { scans } = test.workspace.layout
    const folder = join(scans, "s-000001", "findings")
    const name = readdirSync(folder).find((each) => readFileSync(join(folder, each), "utf8") !== "") ?? ""
    writeFileSync(join(folder, name), "")
    await expect(purge(test, { basis: BASIS })).rejects.toThrow(expect.objectContaining({ code: "receipt_untrusted" }))
  })

  it("removes the file behind a named link", async () => {
    using test = await testWorkspace()
    const known = "words that a list knows"
    writeFiles(test.pathOf("blobs"), { one: plainTar({ "a.txt": known, "b.txt": "other" }), two: known })
    mkdirSync(test.pathOf("names"))
    symlinkSync(test.pathOf("blobs", "one"), test.pathOf("names", "x.tar"))
    symlinkSync(test.pathOf("blobs", "two"), test.pathOf("names", "y.txt"))
    await importRecords(test.workspace, [digestRecord(Buffer.from(known), "sha256")])
    await scan(test.workspace, { inputs: [test.pathOf("names", "x.tar"), test.pathOf("names", "y.txt")] })
    expect(await purge(test, { basis: BASIS })).toMatchObject({ itemsRemoved: 2, failed: [] })
    expect(readdirSync(test.pathOf("names"))).toEqual(["x.tar"])
    expect(readdirSync(test.pathOf("blobs"))).toEqual(["one"])
    expect((await membersOf(readFileSync(test.pathOf("blobs", "one")))).map(([name]) => name)).toEqual(["b.txt"])
  })

  it("removes files and members whose names are not UTF-8", async () => {
    using test = await testWorkspace()
    const known = "words that a list knows"
    const nameOf = (text: string) =>
      Buffer.concat([Buffer.from(`${text}-`), Buffer.from([0xff, 0xfe]), Buffer.from(".txt")])
    const fileAt = (text: string) => Buffer.concat([Buffer.from(`${test.pathOf("data")}/`), nameOf(text)])
    writeFiles(test.pathOf("data"), {
      "000000.tar": tar(tarMember(nameOf("known"), known), tarMember(nameOf("other"), "other words")),
    })
    writeFileSync(fileAt("known"), known)
    writeFileSync(fileAt("other"), "other words, loose")
    await importRecords(test.workspace, [digestRecord(Buffer.from(known), "sha256")])
    const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    expect(report.decisions).toMatchObject({ quarantine: 2 })
    expect(await purge(test, { basis: BASIS })).toMatchObject({ itemsRemoved: 2, gone: 0, failed: [] })
    expect(readdirSync(test.pathOf("data"), { encoding: "buffer" }).map(String).length).toBe(2)
    expect(readFileSync(fileAt("other"), "utf8")).toBe("other words, loose")
    const archive = readFileSync(test.pathOf("data", "000000.tar"))
    expect([archive.includes(known), archive.includes(nameOf("other"))]).toEqual([false, true])
  })

  it.skipIf(process.getuid?.() !== 0)("leaves owner and permissions as they are", async () => {
    const { test } = await scanned()
    using _ = test
    chownSync(test.pathOf("data", "000000.tar"), 1234, 5678)
    chmodSync(test.pathOf("data", "000000.tar"), 0o640)
    await purge(test, { basis: BASIS })
    const { mode, uid, gid } = statSync(test.pathOf("data", "000000.tar"))
    expect([mode & 0o777, uid, gid]).toEqual([0o640, 1234, 5678])
  })

  it("removes the items that a hunt found", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), {
      "000000.tar": plainTar({ ...sample("x", await jpeg(5)), ...sample("y", await jpeg(6)) }),
    })
    await importRecords(test.workspace, await listOf(921))
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    await importRecords(test.workspace, await listOf(921, 5))
    await runHunt(test.workspace, {}, {}, noSignal)
    expect(await purge(test, { scan: "h-000001", basis: BASIS })).toMatchObject({ itemsRemoved: 1, samplesRemoved: 1 })
    const left = await membersOf(readFileSync(test.pathOf("data", "000000.tar")))
    expect(left.map(([name]) => name)).toEqual(["y.jpg", "y.json", "y.txt"])
  })

  it("can be repeated when it was killed, at any step of it", { timeout: KILLS_LIMIT_MS }, async () => {
    const { test, parts } = await scanned()
    using _ = test
    const run = async (name: string, killAt?: number) =>
      await runScript(KILLABLE, ["--workspace", test.pathOf(name), "purge", "s-000001", "--basis", BASIS, "--json"], {
        env: {
          ...process.env,
          ...compact({ NIGHTLIGHT_TEST_KILL_AT: killAt === undefined ? undefined : String(killAt) }),
        },
      })
    const begin = async (name: string) => {
      restoreData(test)
      await copyWorkspace(test, test.pathOf(name))
    }
    await begin("whole")
    const steps = Number((await run("whole")).err.split("\n").at(-1))
    await expectPurged(test.pathOf("data"), parts)
    for (const [kill, killAt] of spreadKills(steps, 3, { long: 60 }).entries()) {
      await begin(`killed-${kill}`)
      expect(await run(`killed-${kill}`, killAt)).toMatchObject({ signal: "SIGKILL" })
      const again = await run(`killed-${kill}`)
      expect(again, `killed at ${killAt}`).toMatchObject({ exit: 0 })
      expect(JSON.parse(again.out)).toMatchObject({ failed: [] })
      await expectPurged(test.pathOf("data"), parts)
      expect(readdirSync(test.folder.path).filter((name) => name.startsWith("."))).toEqual([])
      const { layout } = await openWorkspace(test.pathOf(`killed-${kill}`))
      expect(readdirSync(layout.purges).filter((name) => name.startsWith("."))).toEqual([])
      expect(await verifyAudit(await openWorkspace(test.pathOf(`killed-${kill}`)))).toMatchObject({ ok: true })
    }
  })
})
