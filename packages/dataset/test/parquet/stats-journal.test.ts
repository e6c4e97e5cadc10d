import { copyFileSync, readdirSync, readFileSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { noSignal, plainTar } from "@nightlight/dev-env/dataset/shards"
import { type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { ensureDirPrivate } from "@nightlight/durable"
import { expect, it } from "vitest"
import { planDataset } from "../../src/plan/plan-dataset.ts"
import { StatsJournal } from "../../src/purge/stats-journal.ts"
import { STATS, writeTable } from "../support/img2dataset.ts"

const STEMS = ["00000", "00001", "00002"]

/** Shards with counts, and what opens the journal of a purge of them. */
async function journals({ workspace, pathOf }: TestWorkspace) {
  const table = pathOf("table.parquet")
  await writeTable(table)
  for (const stem of STEMS) {
    const files = { [`${stem}.tar`]: plainTar({ "a.txt": stem }), [`${stem}_stats.json`]: JSON.stringify(STATS) }
    writeFiles(pathOf("data"), files)
    copyFileSync(table, pathOf("data", `${stem}.parquet`))
  }
  await ensureDirPrivate(workspace.layout.purges)
  const plan = await planDataset([pathOf("data")], {}, noSignal)
  const shardOf = (stem: string) => {
    const shard = plan.shards.find(({ path }) => path === `${stem}.tar`)
    if (shard === undefined) throw new Error("expected a shard")
    return shard
  }
  return {
    open: () => new StatsJournal(workspace, plan),
    shardOf,
    path: () => join(workspace.layout.purges, readdirSync(workspace.layout.purges)[0] ?? ""),
  }
}

it("a shard that is noted is noted still wherever a later note was cut off, and further ones are kept", async () => {
  using test = await testWorkspace()
  const { open, shardOf, path } = await journals(test)
  const [first = "", second = "", third = ""] = STEMS
  const journal = open()
  await journal.begin(shardOf(first))
  const whole = readFileSync(path()).length
  await journal.begin(shardOf(second))
  for (let size = readFileSync(path()).length; size >= whole; size--) {
    truncateSync(path(), size)
    expect([...open().left].filter((stem) => stem !== second)).toEqual([first])
  }
  // Zeros, which a power cut may leave of what was being written.
  truncateSync(path(), whole + 3)
  await open().begin(shardOf(third))
  expect([...open().left]).toEqual([first, third])
})

it("a note costs no more where many were made before it", async () => {
  using test = await testWorkspace()
  const { open, shardOf, path } = await journals(test)
  const journal = open()
  const sizes: number[] = []
  for (const stem of STEMS) {
    await journal.begin(shardOf(stem))
    sizes.push(readFileSync(path()).length)
  }
  const [first = 0] = sizes
  expect(sizes).toEqual([first, 2 * first, 3 * first])
})

it("shards whose counts could not be written stay noted, and the others do not", async () => {
  using test = await testWorkspace()
  const { open, shardOf } = await journals(test)
  const journal = open()
  for (const stem of STEMS) await journal.begin(shardOf(stem))
  await journal.finish(new Set(["00001"]))
  expect([...open().left]).toEqual(["00001"])
  await open().finish(new Set())
  expect(readdirSync(test.workspace.layout.purges)).toEqual([])
})
