import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { compact } from "@nightlight/core"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, noSignal, plainTar, zip } from "@nightlight/dev-env/dataset/shards"
import {
  copyWorkspace,
  importRecords,
  scan,
  type TestWorkspace,
  testWorkspace,
} from "@nightlight/dev-env/dataset/workspaces"
import { KILLS_LIMIT_MS, spreadKills } from "@nightlight/dev-env/machine/kill-at-every-step"
import { describe, expect, it } from "vitest"
import { runPurge } from "../../src/purge/run-purge.ts"
import { objectsBelow, putAll, storeTest } from "../support/buckets.ts"
import { blob, duckdb } from "../support/duckdb.ts"
import { KEYS, members, rawOf, STATS, writeTable } from "../support/img2dataset.ts"
import { BASIS, purge } from "../support/purges.ts"
import { runScript } from "../support/run-command.ts"

const KILLABLE = fileURLToPath(new URL("../support/kill-command.ts", import.meta.url))

/** What is left of the counts without the second picture and the failed download. */
const LEFT = { ...STATS, count: 2, successes: 2, failed_to_download: 0, status_dict: { success: 2 } }
const textOf = (stats: object) => JSON.stringify(stats, null, 4)

async function listRaw({ workspace }: TestWorkspace): Promise<void> {
  const records = ["000000001", "000000003"].map(async (key) => digestRecord(await rawOf(key), "sha256"))
  await importRecords(workspace, await Promise.all(records))
}

async function zipOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> {
  return zip(Object.entries(files).map(([name, content]) => ({ name, content: Buffer.from(content as string) })))
}

/** A folder with a shard whose counts are the given text. */
async function layShard(folder: string, stats: string | Uint8Array = textOf(STATS)): Promise<void> {
  writeFiles(folder, { "00000.tar": plainTar(await members()), "00000_stats.json": stats })
  await writeTable(join(folder, "00000.parquet"))
}

describe("img2dataset's counts after a purge", () => {
  it("are true of a shard that is a Parquet file with the pictures in it", async () => {
    using test = await testWorkspace()
    const data = test.pathOf("data")
    writeFiles(data, { "00000_stats.json": textOf(STATS) })
    const rows = await Promise.all(
      KEYS.map(async (key) => `('${key}', ${blob(await jpeg(Number(key) + 1))}, 'success', NULL)`),
    )
    rows.push("('000000003', NULL, 'failed_to_download', 'timeout')")
    await duckdb(
      `COPY (SELECT * FROM (VALUES ${rows.join(",")}) t(key, jpg, status, error_message)) TO '${join(data, "00000.parquet")}' (FORMAT parquet)`,
    )
    await importRecords(test.workspace, [digestRecord(await jpeg(2), "sha256")])
    await scan(test.workspace, { inputs: [data] })
    const report = await purge(test, { basis: BASIS })
    expect(report).toMatchObject({ itemsRemoved: 1, failed: [], shards: [{ path: "00000.parquet", stale: [] }] })
    const left = { ...STATS, count: 3, successes: 2, status_dict: { success: 2, timeout: 1 } }
    expect(readFileSync(join(data, "00000_stats.json"), "utf8")).toBe(textOf(left))
  })

  it("are true of a shard that is a zip", async () => {
    using test = await testWorkspace()
    const data = test.pathOf("data")
    writeFiles(data, { "00000.zip": await zipOf(await members()), "00000_stats.json": textOf(STATS) })
    await writeTable(join(data, "00000.parquet"))
    await listRaw(test)
    await scan(test.workspace, { inputs: [data] })
    const report = await purge(test, { basis: BASIS, includeReview: true })
    expect(report.shards.flatMap(({ stale }) => stale)).not.toContain("00000_stats.json")
    expect(readFileSync(join(data, "00000_stats.json"), "utf8")).toBe(textOf(LEFT))
  })

  it.each([false, true])("are true in a bucket (versions: %s)", async (isVersioned) => {
    await using made = await storeTest()
    const { test, store } = made
    await layShard(test.pathOf("data"))
    const bucket = store.addBucket("source", { isVersioned })
    putAll(bucket, "set/", filesBelow(test.pathOf("data")))
    await listRaw(test)
    await scan(test.workspace, { inputs: ["s3://source/set"] })
    const request = { scan: "s-000001", basis: BASIS, includeReview: true }
    const report = await runPurge(test.workspace, request, {}, noSignal)
    expect(report.failed).toEqual([])
    expect(report.shards.flatMap(({ stale }) => stale)).not.toContain("00000_stats.json")
    expect(String(objectsBelow(bucket, "set/")["00000_stats.json"])).toBe(textOf(LEFT))
  })

  const own = '"count": 4, "successes": 3, "failed_to_download": 1, "failed_to_resize": 0'
  const left = own.replace("4", "2").replace("3", "2").replace('download": 1', 'download": 0')
  const deep = `${"[".repeat(1e6)}${"]".repeat(1e6)}`
  it.each([
    [
      "keys that objects have by themselves",
      `{${own}, "__proto__": {"count": 9}, "status_dict": {"__proto__": 5, "constructor": 2, "": 7, "12": 1, "success": 3}}`,
      `{${left}, "__proto__": {"count": 9}, "status_dict": {"success": 2}}`,
    ],
    [
      "a key twice",
      `{${own}, "status_dict": "", "status_dict": {"success": 3}}`,
      `{${left}, "status_dict": "", "status_dict": {"success": 2}}`,
    ],
    ["deeply nested values", `{${own}, "more": ${deep}}`, `{${left}, "more": ${deep}}`],
  ])("are true where they have %s", async (_, stats, expected) => {
    using test = await testWorkspace()
    await layShard(test.pathOf("data"), stats)
    await listRaw(test)
    await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    expect(readFileSync(test.pathOf("clean", "00000_stats.json"), "utf8") === expected).toBe(true)
    const report = await purge(test, { basis: BASIS, includeReview: true })
    expect(report.shards.flatMap(({ stale }) => stale)).not.toContain("00000_stats.json")
    expect(readFileSync(test.pathOf("data", "00000_stats.json"), "utf8") === expected).toBe(true)
  })

  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["no object", "null"],
    ["a negative count", `{${own.replace("4", "-4")}}`],
    ["a count that is no number", `{${own.replace("4", '"4"')}}`],
    ["a fraction", `{${own.replace("4", "4.5")}}`],
    ["a count beyond what is exact", `{${own.replace("4", "12345678901234567890")}}`],
    ["another encoding", Buffer.concat([Buffer.from(`{${own}, "more": "`), Buffer.from([0xe9]), Buffer.from('"}')])],
    ["more than is read", `{${own}, "more": "${" ".repeat(2 ** 24)}"}`],
  ])("stay as they are and are named as stale where they are %s", async (_, stats) => {
    using test = await testWorkspace()
    await layShard(test.pathOf("data"), stats)
    await listRaw(test)
    await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    expect(Object.keys(filesBelow(test.pathOf("clean")))).not.toContain("00000_stats.json")
    const report = await purge(test, { basis: BASIS, includeReview: true })
    expect(report.failed).toEqual([])
    expect(report.shards.flatMap(({ stale }) => stale)).toContain("00000_stats.json")
    expect(readFileSync(test.pathOf("data", "00000_stats.json")).equals(Buffer.from(stats))).toBe(true)
  })

  it.each(["link", "folder"])("are left alone where their name is that of a %s", async (kind) => {
    using test = await testWorkspace()
    await layShard(test.pathOf("data"))
    const name = test.pathOf("data", "00000_stats.json")
    rmSync(name)
    const elsewhere = test.pathOf("elsewhere.json")
    writeFileSync(elsewhere, textOf(STATS))
    if (kind === "link") symlinkSync(elsewhere, name)
    else mkdirSync(name)
    await listRaw(test)
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    const report = await purge(test, { basis: BASIS, includeReview: true })
    expect(report).toMatchObject({ failed: [] })
    expect(readFileSync(elsewhere, "utf8")).toBe(textOf(STATS))
  })

  it("are true once a killed purge of a copy is repeated, at any step of it", { timeout: KILLS_LIMIT_MS }, async () => {
    using test = await testWorkspace()
    await layShard(test.pathOf("data"))
    await listRaw(test)
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    const begin = async (name: string) => {
      writeFiles(test.pathOf("copies", name), filesBelow(test.pathOf("data")))
      await copyWorkspace(test, test.pathOf(name))
    }
    const run = async (name: string, killAt?: number) => {
      const from = ["--from", test.pathOf("copies", name), "--basis", BASIS, "--include-review", "--json"]
      return await runScript(KILLABLE, ["--workspace", test.pathOf(name), "purge", "s-000001", ...from], {
        env: {
          ...process.env,
          ...compact({ NIGHTLIGHT_TEST_KILL_AT: killAt === undefined ? undefined : String(killAt) }),
        },
      })
    }
    await begin("whole")
    const steps = Number((await run("whole")).err.split("\n").at(-1))
    const whole = filesBelow(test.pathOf("copies", "whole"))
    expect(String(whole["00000_stats.json"])).toBe(textOf(LEFT))
    for (const [kill, killAt] of spreadKills(steps, 3, { long: 60 }).entries()) {
      const name = `killed-${kill}`
      await begin(name)
      expect(await run(name, killAt)).toMatchObject({ signal: "SIGKILL" })
      const again = await run(name)
      expect(again, `killed at ${killAt}`).toMatchObject({ exit: 0 })
      expect(JSON.parse(again.out)).toMatchObject({ failed: [] })
      expect(filesBelow(test.pathOf("copies", name)), `killed at ${killAt}`).toEqual(whole)
    }
  })
})
