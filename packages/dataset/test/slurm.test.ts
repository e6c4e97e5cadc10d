import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { sample, writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, plainTar } from "@nightlight/dev-env/dataset/shards"
import { copyWorkspace, importRecords, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { verifyAudit } from "../src/audit/verify.ts"
import { openWorkspace } from "../src/workspace/open.ts"
import { nightlight } from "./support/in-process.ts"
import { comparable, findingsOf } from "./support/scans.ts"
import { slurmIsMissing, startSlurm, textIfThere, until } from "./support/slurm.ts"

const COMMAND = fileURLToPath(new URL("support/command.ts", import.meta.url))
const SHARDS = 12
const WORLD = 6
const PLANTED = [3, 7]

const why = slurmIsMissing()

describe.skipIf(why !== undefined)(`a planned scan under Slurm${why === undefined ? "" : ` (${why})`}`, () => {
  it("equals a scan in one process although two tasks are killed and a shard is broken", {
    timeout: 600_000,
  }, async () => {
    using test = await testWorkspace({ custody: "seal" })
    const planted = PLANTED.map((shard) => 9_000 + shard)
    for (let shard = 0; shard < SHARDS; shard++) {
      const pictures = await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          const seed = PLANTED.includes(shard) && index === 20 ? 9_000 + shard : shard * 100 + index
          return sample(`${shard}-${index}`, await jpeg(seed))
        }),
      )
      writeFiles(test.pathOf("data"), {
        [`${String(shard).padStart(6, "0")}.tar`]: plainTar(Object.assign({}, ...pictures)),
      })
    }
    writeFiles(test.pathOf("data"), { "broken.tar": "no tar".repeat(1_000) })
    await importRecords(test.workspace, await listOf(...planted))
    const alone = test.pathOf("alone")
    await copyWorkspace(test, alone)
    const whole = await nightlight(alone, "scan", test.pathOf("data"), "--out", test.pathOf("whole"), "--json")
    expect(whole.exit, whole.err).toBe(42)

    const { root } = test
    const [plan, jobs] = [test.pathOf("plan.json"), test.pathOf("jobs")]
    const planned = await nightlight(
      root,
      "plan",
      test.pathOf("data"),
      "--world",
      String(WORLD),
      "--file",
      plan,
      "--out",
      test.pathOf("clean"),
    )
    expect(planned.exit, planned.err).toBe(0)
    const scheduled = await nightlight(
      root,
      "schedule",
      plan,
      "--for",
      "slurm",
      "--dir",
      jobs,
      "--cpus",
      "1",
      "--memory",
      "400",
      "--command",
      `${process.execPath} -C @nightlight/source ${COMMAND}`,
    )
    expect(scheduled.exit, scheduled.err).toBe(0)

    await using slurm = await startSlurm()
    const log = (job: string, rank: number) => textIfThere(join(jobs, `scan-${job}_${rank}.log`))
    const submitted = slurm.run("bash", join(jobs, "submit.sh"))
    const [, array = ""] = /^array (\d+), merge \d+$/m.exec(submitted) ?? []
    // One task is killed as by a crash, which Slurm does not repeat by itself; another is requeued while it runs.
    await until("rank 0 runs", () => log(array, 0).includes("rank 0 starts"))
    slurm.run("scancel", "--signal=KILL", "--full", `${array}_0`)
    await until("rank 1 runs", () => log(array, 1).includes("rank 1 starts"))
    slurm.run("scontrol", "requeue", `${array}_1`)
    await slurm.drained()

    const early = await nightlight(root, "scan", "--plan", plan, "--merge", "--json")
    expect(early.exit, early.err).toBe(10)
    expect(JSON.parse(early.out)).toMatchObject({ state: "partial", unfinishedRanks: [0] })
    slurm.run("sbatch", "--wait", "--chdir", jobs, "--array=0", join(jobs, "scan.sbatch"))
    await slurm.drained()
    const merged = await nightlight(root, "scan", "--plan", plan, "--merge", "--json")
    expect(merged.exit, merged.err).toBe(42)

    expect(filesBelow(test.pathOf("clean"))).toEqual(filesBelow(test.pathOf("whole")))
    const findings = async (folder: string) => comparable(findingsOf(await openWorkspace(folder)))
    expect(await findings(root)).toEqual(await findings(alone))
    const counts = (text: string) => {
      const { decisions, totals, matches, poison, state } = JSON.parse(text)
      return { decisions, totals, matches, poison, state }
    }
    expect(counts(merged.out)).toEqual(counts(whole.out))
    expect(log(array, 1).match(/rank 1 starts/g)).toHaveLength(2)
    const merges = readdirSync(jobs).filter((name) => name.startsWith("merge-"))
    expect(readFileSync(join(jobs, merges[0] ?? ""), "utf8")).not.toContain("nightlight: ")
    expect(await verifyAudit(test.workspace)).toMatchObject({ ok: true })
  })
})
