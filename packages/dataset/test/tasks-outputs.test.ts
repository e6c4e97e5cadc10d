import { rmSync } from "node:fs"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, plainTar } from "@nightlight/dev-env/dataset/shards"
import { copyWorkspace, importRecords, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { nightlight } from "./support/in-process.ts"

/** Two workspaces over one dataset of three shards, which plan into one output. */
async function twoWorkspaces() {
  const test = await testWorkspace()
  for (const shard of [0, 1, 2]) {
    writeFiles(test.pathOf("data"), { [`00000${shard}.tar`]: plainTar({ "a.txt": `words ${shard}`, "b.txt": "more" }) })
  }
  await importRecords(test.workspace, [digestRecord(Buffer.from("words 1"), "sha256")])
  const roots = [test.root, test.pathOf("other")] as const
  await copyWorkspace(test, roots[1])
  const of = (root: string) => ({
    plan: (out = "clean") =>
      nightlight(
        root,
        "plan",
        test.pathOf("data"),
        "--world",
        "2",
        "--file",
        `${root}.json`,
        "--out",
        test.pathOf(out),
      ),
    task: (...args: readonly string[]) => nightlight(root, "scan", "--plan", `${root}.json`, ...args),
    scan: () => nightlight(root, "scan", test.pathOf("data"), "--out", test.pathOf("clean")),
  })
  return { test, first: of(roots[0]), second: of(roots[1]), [Symbol.dispose]: () => test[Symbol.dispose]() }
}

describe("the output of a planned scan", () => {
  it("is reserved from the plan on: no other workspace plans or scans into it before the merge, or after", async () => {
    using both = await twoWorkspaces()
    const { test, first, second } = both
    expect(await first.plan()).toMatchObject({ exit: 0 })
    const refused = async () => {
      for (const work of [second.plan(), second.scan()])
        expect((await work).err).toContain("output folder is not empty")
    }
    await refused()
    for (const rank of ["0", "1"]) expect(await first.task("--rank", rank)).toMatchObject({ exit: 0 })
    await refused()
    expect(await first.task("--merge")).toMatchObject({ exit: 0 })
    expect(Object.keys(filesBelow(test.pathOf("clean")))).toEqual(["000000.tar", "000001.tar", "000002.tar"])
    await refused()
  })

  it("that was removed and planned into by another workspace is left alone by the first one's tasks", async () => {
    using both = await twoWorkspaces()
    const { test, first, second } = both
    await first.plan()
    rmSync(test.pathOf("clean"), { recursive: true })
    expect(await second.plan()).toMatchObject({ exit: 0 })
    const before = filesBelow(test.pathOf("clean"))
    const late = await first.task("--rank", "0")
    expect(late.exit).not.toBe(0)
    expect(late.err).toContain("the output is not reserved for this plan")
    expect(await first.plan()).not.toMatchObject({ exit: 0 })
    expect(filesBelow(test.pathOf("clean"))).toEqual(before)
    for (const rank of ["0", "1"]) expect(await second.task("--rank", rank)).toMatchObject({ exit: 0 })
    expect(await second.task("--merge")).toMatchObject({ exit: 0 })
  })

  it("that lost a file before the merge is not vouched for: its shard is screened and copied again", async () => {
    using both = await twoWorkspaces()
    const { test, first } = both
    await first.plan()
    for (const rank of ["0", "1"]) await first.task("--rank", rank)
    const whole = filesBelow(test.pathOf("clean"))
    rmSync(test.pathOf("clean", "000002.tar"))
    const early = await first.task("--merge")
    expect(early.exit).not.toBe(0)
    for (const rank of ["0", "1"]) expect(await first.task("--rank", rank)).toMatchObject({ exit: 0 })
    expect(filesBelow(test.pathOf("clean"))).toEqual(whole)
    expect(await first.task("--merge")).toMatchObject({ exit: 0 })
  })

  it("is written once by two tasks of one rank that run at the same time", async () => {
    using both = await twoWorkspaces()
    const { first } = both
    await first.plan()
    const twins = await Promise.all([first.task("--rank", "0"), first.task("--rank", "0")])
    expect(Math.min(...twins.map(({ exit }) => exit))).toBe(0)
    expect(await first.task("--rank", "0")).toMatchObject({ exit: 0 })
    expect(await first.task("--rank", "1")).toMatchObject({ exit: 0 })
    expect(await first.task("--merge")).toMatchObject({ exit: 0 })
  })
})
