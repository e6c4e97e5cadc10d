import { chmodSync, chownSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { seededRandom } from "@nightlight/demo/generated"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, plainTar } from "@nightlight/dev-env/dataset/shards"
import { copyWorkspace, importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { MAY_MOUNT, smallDisk } from "@nightlight/dev-env/machine/small-disk"
import { verifyEvidence } from "@nightlight/vault/open"
import { describe, expect, it } from "vitest"
import { verifyAudit } from "../src/audit/verify.ts"
import { nightlight } from "./support/in-process.ts"
import { command } from "./support/run-command.ts"
import { comparable, findingsOf, receiptsOf } from "./support/scans.ts"

/** Text that does not compress, the same for a number. */
function longText(seed: number, kilobytes: number): string {
  const random = seededRandom(seed)
  const letters = Array.from({ length: kilobytes * 1024 }, () => 97 + Math.floor(random() * 26))
  return Buffer.from(letters).toString("latin1")
}

const KNOWN = longText(99, 400)

// Needs root and a system that lets it mount: nowhere else can a disk be made full on purpose.
describe.skipIf(!MAY_MOUNT)("a full disk", () => {
  it("under the clean copy fails the shard that did not fit, and the next run completes normally", async () => {
    using test = await testWorkspace()
    using disk = smallDisk(2)
    for (const shard of [0, 1, 2]) {
      writeFiles(test.pathOf("data"), {
        [`${shard}.tar`]: plainTar({ "a.txt": longText(shard, 900), "b.txt": "words" }),
      })
    }
    await importRecords(test.workspace, [digestRecord(Buffer.from(KNOWN), "sha256")])
    const out = join(disk.path, "clean")
    const args = ["scan", test.pathOf("data"), "--out", out]
    const full = await nightlight(test.root, ...args)
    expect(full.exit).toBe(10)
    expect(full.err).toContain("no space left while writing the clean copy")
    expect(full.err + full.out).not.toContain("a.txt")
    expect(readdirSync(out).filter((name) => !name.endsWith(".tar"))).toEqual([])
    disk.resize(20)
    expect(await nightlight(test.root, ...args)).toMatchObject({ exit: 0 })
    expect(filesBelow(out)).toEqual(filesBelow(test.pathOf("data")))
    expect(await verifyAudit(test.workspace)).toMatchObject({ ok: true })
  })

  it.each([
    ["its evidence", 200_000],
    ["anything at all", 0],
  ])("under the workspace, with no space for %s, loses nothing", async (_, leaveBytes) => {
    using test = await testWorkspace({ custody: "seal" })
    for (const shard of [0, 1]) {
      writeFiles(test.pathOf("data"), { [`${shard}.tar`]: plainTar({ "a.txt": KNOWN, "b.txt": `words ${shard}` }) })
    }
    await importRecords(test.workspace, [digestRecord(Buffer.from(KNOWN), "sha256")])
    using disk = smallDisk(20)
    const root = join(disk.path, "workspace")
    const workspace = await copyWorkspace(test, root)
    disk.fill(leaveBytes)
    const args = ["scan", test.pathOf("data"), "--out", test.pathOf("clean"), "--json"]
    const full = await nightlight(root, ...args)
    expect(full.exit).toBe(10)
    expect(full.out + full.err).toContain("disk_full")
    expect(() => filesBelow(test.pathOf("clean"))).toThrow()
    disk.empty()
    const mended = await nightlight(root, ...args)
    expect(mended).toMatchObject({ exit: 0 })
    // The same on a disk that was never full.
    await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("other") })
    expect(filesBelow(test.pathOf("clean"))).toEqual(filesBelow(test.pathOf("other")))
    expect(comparable(findingsOf(workspace))).toEqual(comparable(findingsOf(test.workspace)))
    const { layout, keyed } = workspace
    let sealed = 0
    for await (const check of verifyEvidence(layout.evidence, test.identities, { keyedDigest: keyed })) {
      expect(check).toMatchObject({ ok: true })
      sealed++
    }
    expect(sealed).toBe(2)
    expect(await verifyAudit(workspace)).toMatchObject({ ok: true })
  })
})

const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
/** Root may read everything, but not without these rights; it still reaches what is its own, wherever that lies. */
const WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]

describe.skipIf(!isRoot)("a file that may not be read", () => {
  it("is left out of the copy and counted, and the others are screened", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), {
      "a.txt": "words",
      "locked.txt": "locked words, enough of them to be looked at for an archive",
      "short.txt": "locked words",
      "locked.tar": plainTar({ "x.txt": "x" }),
    })
    await importRecords(test.workspace, [digestRecord(Buffer.from(KNOWN), "sha256")])
    for (const name of ["locked.txt", "short.txt", "locked.tar"]) {
      chownSync(test.pathOf("data", name), NOBODY, NOBODY)
      chmodSync(test.pathOf("data", name), 0o600)
    }
    const args = ["--workspace", test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"), "--json"]
    const result = await command(args, { under: WITHOUT_RIGHTS })
    const report = JSON.parse(result.out)
    expect(result.exit).toBe(10)
    expect(report).toMatchObject({ totals: { items: 1 }, skipped: { unreadable: 3 } })
    expect(report.decisions).toMatchObject({ clear: 1 })
    expect(Object.keys(filesBelow(test.pathOf("clean")))).toEqual(["a.txt"])
    expect([...receiptsOf(test.workspace).keys()]).toEqual([expect.stringMatching(/^files-/)])
  })
})
