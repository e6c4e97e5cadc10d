import { readFileSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { LISTED, mixedDataset, writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { listOf } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, noSignal, plainTar } from "@nightlight/dev-env/dataset/shards"
import { copyWorkspace, importRecords, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { verifyAudit } from "../src/audit/verify.ts"
import { runTask } from "../src/tasks/run-task.ts"
import { readTaskPlan } from "../src/tasks/task-plan.ts"
import { openWorkspace } from "../src/workspace/open.ts"
import { nightlight } from "./support/in-process.ts"
import { comparable, findingsOf } from "./support/scans.ts"

const WORLD = 3

/** A workspace with lists and a dataset of every kind of shard, and a plan of its scan. */
async function plannedScan(more: Readonly<Record<string, string>> = {}) {
  const test = await testWorkspace({ custody: "seal" })
  await mixedDataset(test.pathOf("data"))
  for (const [name, content] of Object.entries(more)) writeFileSync(test.pathOf("data", name), content)
  await importRecords(test.workspace, await listOf(...Object.values(LISTED)))
  const planFile = test.pathOf("plan.json")
  const plan = () =>
    command(
      test,
      "plan",
      test.pathOf("data"),
      "--world",
      String(WORLD),
      "--file",
      planFile,
      "--out",
      test.pathOf("clean"),
    )
  const task = (...args: readonly string[]) => command(test, "scan", "--plan", planFile, ...args)
  return { test, planFile, plan, task, [Symbol.dispose]: () => test[Symbol.dispose]() }
}

function command({ workspace }: TestWorkspace, ...args: readonly string[]) {
  return nightlight(workspace.layout.root, ...args)
}

/** A report without what differs between a scan in one process and one in tasks. */
function reportOf(text: string) {
  const { decisions, totals, matches, inPlace, clean, state, poison, failed } = JSON.parse(text)
  return { decisions, totals, matches, inPlace, clean, state, poison, failed }
}

const byNumber = (a: number, b: number) => a - b

/** `npm run verify:long` tries every case. */
const isLong = process.env["NIGHTLIGHT_LONG"] !== undefined

describe("a planned scan", () => {
  it("gives the same copy, findings and counts as one scan, whatever the order of its ranks", async () => {
    using scan = await plannedScan()
    const { test, plan, task } = scan
    const alone = test.pathOf("alone")
    await copyWorkspace(test, alone)
    const whole = await nightlight(alone, "scan", test.pathOf("data"), "--out", test.pathOf("whole"), "--json")
    expect(await plan()).toMatchObject({ exit: 0 })
    for (const rank of ["2", "0", "1"]) expect(await task("--rank", rank)).toMatchObject({ exit: 0 })
    const merged = await task("--merge", "--json")
    expect(merged).toMatchObject({ exit: 0 })
    expect(reportOf(merged.out)).toEqual(reportOf(whole.out))
    expect(filesBelow(test.pathOf("clean"))).toEqual(filesBelow(test.pathOf("whole")))
    const findings = (root: string) => openWorkspace(root).then((workspace) => comparable(findingsOf(workspace)))
    expect(await findings(test.workspace.layout.root)).toEqual(await findings(alone))
    expect(await verifyAudit(test.workspace)).toMatchObject({ ok: true })
  })

  it.skipIf(!isLong)(
    "leaves only new and replaced shards to its tasks when it is planned again over a changed source",
    async () => {
      using scan = await plannedScan()
      const { test, plan, task } = scan
      await plan()
      for (const rank of ["0", "1", "2", "merge"]) await (rank === "merge" ? task("--merge") : task("--rank", rank))
      const receipts = () => filesBelow(join(test.workspace.layout.scans, "s-000001", "receipts"))
      const before = receipts()
      writeFiles(test.pathOf("data"), { "new.tar": plainTar({ "a.txt": "new words" }) })
      expect(await plan()).toMatchObject({ exit: 0 })
      for (const rank of ["0", "1", "2"]) expect(await task("--rank", rank)).toMatchObject({ exit: 0 })
      const merged = await task("--merge", "--json")
      expect(JSON.parse(merged.out)).toMatchObject({ scan: "s-000001", state: "complete", remaining: 0 })
      const after = receipts()
      expect(Object.keys(after)).toHaveLength(Object.keys(before).length + 1)
      const isTable = (text: string) => JSON.parse(text).shard.items === 1
      for (const [name, text] of Object.entries(before)) {
        if (!isTable(text.toString())) expect([name, after[name]?.equals(text)]).toEqual([name, true])
      }
      expect(Object.keys(filesBelow(test.pathOf("clean")))).toContain("new.tar")
    },
  )

  it("refuses options that its tasks cannot keep", async () => {
    using scan = await plannedScan()
    const { test, plan, task } = scan
    await plan()
    const fixed = [
      ["--limit", "1"],
      ["--exclude", "*.tar"],
      ["--out", test.pathOf("elsewhere")],
      ["--keep-orientations"],
      ["--dry-run"],
      ["--estimate"],
    ]
    for (const option of fixed) {
      for (const part of [["--rank", "0"], ["--merge"]]) {
        const refused = await task(...part, ...option)
        expect(refused).toMatchObject({ exit: 2, out: "" })
        expect(refused.err).toContain(`with --plan, leave out ${option[0]} (input_invalid)`)
      }
    }
    for (const option of [
      ["--fail-on", "review"],
      ["--server", "https://server.example"],
    ]) {
      const refused = await task("--rank", "0", ...option)
      expect(refused).toMatchObject({ exit: 2, out: "" })
      expect(refused.err).toContain(`give ${option[0]} to the merge only (input_invalid)`)
    }
    expect(Object.keys(filesBelow(join(test.workspace.layout.scans, "s-000001", "receipts")))).toEqual([])
  })

  it("refuses a folder as plan, by its name", async () => {
    using test = await testWorkspace()
    const refused = await nightlight(test.root, "scan", "--plan", test.root, "--rank", "0")
    expect(refused).toMatchObject({ exit: 2, out: "" })
    expect(refused.err).toContain(`expected a file as plan: ${test.root} is a folder (input_invalid)`)
  })

  it("screens nothing twice when a task or the merge is repeated", async () => {
    using scan = await plannedScan()
    const { test, plan, task } = scan
    await plan()
    for (const rank of ["0", "1", "2"]) await task("--rank", rank)
    const receipts = () => filesBelow(join(test.workspace.layout.scans, "s-000001", "receipts"))
    const before = receipts()
    expect(await task("--rank", "0")).toMatchObject({ exit: 0 })
    expect(receipts()).toEqual(before)
    const first = await task("--merge", "--json")
    const again = await task("--merge", "--json")
    expect(reportOf(again.out)).toEqual(reportOf(first.out))
  })

  it.skipIf(!isLong)("names the unfinished ranks in a merge, and completes in a later one", async () => {
    using scan = await plannedScan()
    const { plan, task } = scan
    await plan()
    await task("--rank", "1")
    const early = await task("--merge", "--json")
    expect(early.exit).toBe(10)
    expect(JSON.parse(early.out)).toMatchObject({ state: "partial", unfinishedRanks: [0, 2] })
    const shown = await task("--merge")
    expect(shown.out).toContain("Unfinished ranks, to be run again before the next merge: 0,2")
    expect(shown.out).toMatch(/^s-000001 is not finished: \d+ shards are left for another run\. /)
    for (const rank of ["0", "2"]) await task("--rank", rank)
    const late = await task("--merge", "--json")
    expect(late.exit).toBe(0)
    expect(JSON.parse(late.out)).toMatchObject({ state: "complete", unfinishedRanks: [] })
  })

  it("screens the shards that a file names, and prints one JSON object for each", async () => {
    using scan = await plannedScan()
    const { test, plan, task } = scan
    await plan()
    writeFileSync(test.pathOf("shards.txt"), "000000.tar\r\nmore.zip\n")
    const { exit, out } = await task("--shards", test.pathOf("shards.txt"))
    expect(exit).toBe(0)
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(lines).toMatchObject([
      { shard: "000000.tar", state: "screened", withheldSamples: 1 },
      { shard: "more.zip", state: "screened", withheldSamples: 1 },
    ])
    writeFileSync(test.pathOf("shards.txt"), "elsewhere.tar\n")
    expect(await task("--shards", test.pathOf("shards.txt"))).toMatchObject({ exit: 2 })
  })

  it("sets a broken shard aside in the task that has it, and no other", async () => {
    using scan = await plannedScan({ "broken.tar": "x".repeat(2_000) })
    const { plan, task } = scan
    await plan()
    const exits = [await task("--rank", "0"), await task("--rank", "1"), await task("--rank", "2")].map(
      ({ exit }) => exit,
    )
    expect(exits.toSorted(byNumber)).toEqual([0, 0, 42])
    const merged = await task("--merge", "--json")
    expect(merged.exit).toBe(42)
    expect(JSON.parse(merged.out)).toMatchObject({ poison: [{ path: "broken.tar", code: "shard_malformed" }] })
  })

  it("screens no shard that changed since it was planned, and says so", async () => {
    using scan = await plannedScan()
    const { test, plan, task } = scan
    await plan()
    utimesSync(test.pathOf("data", "more.zip"), new Date(0), new Date(0))
    const results = [await task("--rank", "0"), await task("--rank", "1"), await task("--rank", "2")]
    expect(results.map(({ exit }) => exit).toSorted(byNumber)).toEqual([0, 0, 10])
    expect(results.map(({ out }) => out).join("")).toContain("Failed    more.zip: source_changed")
    expect(await task("--merge")).toMatchObject({ exit: 10 })
  })

  it("refuses a plan that the workspace did not sign, and ranks that it does not have", async () => {
    using scan = await plannedScan()
    const { test, planFile, plan, task } = scan
    await plan()
    expect(await task("--rank", "3")).toMatchObject({ exit: 2 })
    expect(await task()).toMatchObject({ exit: 2 })
    expect(await task("--rank", "0", "--merge")).toMatchObject({ exit: 2 })
    expect(await task(test.pathOf("data"), "--rank", "0")).toMatchObject({ exit: 2 })
    expect(await task("--rank", "auto")).toMatchObject({ exit: 2 })
    writeFileSync(planFile, readFileSync(planFile, "utf8").replace('"rank": 0', '"rank": 1'))
    expect((await task("--rank", "0")).err).toContain("not one that this workspace signed")
  })

  it("screens each shard once when two tasks have the same rank at once", async () => {
    using scan = await plannedScan()
    const { test, planFile, plan } = scan
    await plan()
    const { workspace } = test
    const sealed = await readTaskPlan(planFile, workspace.verifier)
    const request = { sealed, part: { rank: 0 }, options: {} }
    const results = await Promise.all([1, 2].map(() => runTask(workspace, request, {}, noSignal)))
    const codes = results.flatMap(({ failed }) => failed.map(({ code }) => code))
    expect(codes.every((code) => code === "locked")).toBe(true)
    expect(await runTask(workspace, request, {}, noSignal)).toMatchObject({ failed: [] })
    expect(await verifyAudit(workspace)).toMatchObject({ ok: true })
  })
})
