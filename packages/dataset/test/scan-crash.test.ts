import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { compact } from "@nightlight/core"
import { seededRandom } from "@nightlight/demo/generated"
import { LISTED, mixedDataset } from "@nightlight/dev-env/dataset/datasets"
import { listOf } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, noSignal } from "@nightlight/dev-env/dataset/shards"
import { copyWorkspace, importRecords, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { verifyAudit } from "../src/audit/verify.ts"
import { verifyEvidence } from "../src/evidence/check.ts"
import { scanFolder } from "../src/scan/scan-folder.ts"
import { openWorkspace } from "../src/workspace/open.ts"
import type { Workspace } from "../src/workspace/workspace.ts"
import { type CommandResult, runScript } from "./support/run-command.ts"
import { comparable, findingsOf, receiptsOf } from "./support/scans.ts"

const KILLABLE = fileURLToPath(new URL("support/kill-command.ts", import.meta.url))
const KILLS = 100
const TASK_KILLS = 40

/** A workspace with lists, a dataset, and a place for each run's workspace and copy. */
interface Runs {
  readonly test: TestWorkspace
  /** Copies the workspace as it was before any scan. */
  readonly begin: (name: string) => Promise<{ readonly root: string; readonly out: string }>
}

async function prepare(): Promise<Runs> {
  const test = await testWorkspace({ custody: "seal" })
  await mixedDataset(test.pathOf("data"))
  await importRecords(test.workspace, await listOf(...Object.values(LISTED)))
  return {
    test,
    begin: async (name) => {
      mkdirSync(test.pathOf(name))
      const root = test.pathOf(name, "workspace")
      await copyWorkspace(test, root)
      return { root, out: test.pathOf(name, "clean") }
    },
  }
}

interface Run {
  readonly root: string
  readonly out: string
}

function scanCommand(test: TestWorkspace, run: Run, killAt?: number): Promise<CommandResult> {
  return killable(run, ["scan", test.pathOf("data"), "--out", run.out, "--quiet"], killAt)
}

function killable({ root }: Run, args: readonly string[], killAt: number | undefined): Promise<CommandResult> {
  return runScript(KILLABLE, ["--workspace", root, ...args], {
    env: { ...process.env, ...compact({ NIGHTLIGHT_TEST_KILL_AT: killAt === undefined ? undefined : String(killAt) }) },
  })
}

/** Everything that a scan leaves and that must not depend on how often it was cut off. */
async function outcome(root: string, out: string) {
  const workspace = await openWorkspace(root)
  const { sidecars, reportJson } = scanFolder(workspace.layout.scans, "s-000001")
  const { decisions, totals, matches, clean, inPlace, state } = JSON.parse(readFileSync(reportJson, "utf8"))
  return {
    clean: filesBelow(out),
    sidecars: filesBelow(sidecars),
    findings: comparable(findingsOf(workspace)),
    receipts: [...receiptsOf(workspace).keys()].sort(),
    report: { decisions, totals, matches, clean, inPlace, state },
  }
}

async function expectSound(workspace: Workspace, identities: readonly string[]): Promise<void> {
  const expected = { checked: Object.keys(LISTED).length, broken: [] }
  expect(await verifyEvidence(workspace, identities, { signal: noSignal })).toMatchObject(expected)
  expect(await verifyAudit(workspace)).toMatchObject({ ok: true })
  expect(readdirSync(workspace.layout.scans)).toEqual(["lock", "s-000001"])
}

describe("a scan killed at any moment", () => {
  it(`gives the same result as one that was never killed, over ${KILLS} kills at random steps`, {
    timeout: KILLS * 30_000,
  }, async () => {
    const { test, begin } = await prepare()
    using _ = test
    const whole = await begin("whole")
    const uninterrupted = await scanCommand(test, whole)
    expect(uninterrupted, uninterrupted.err).toMatchObject({ exit: 0, out: "" })
    const steps = Number(uninterrupted.err.split("\n").at(-1))
    expect(steps).toBeGreaterThan(100)
    const expected = await outcome(whole.root, whole.out)

    const random = seededRandom(KILLS)
    let kills = 0
    for (let round = 0; kills < KILLS; round++) {
      const run = await begin(`round-${round}`)
      const killedAt: number[] = []
      for (;;) {
        // Early enough that one scan is cut off several times; the last rounds reach its end too.
        const killAt = kills < KILLS ? Math.floor(random() * steps * 0.7) : undefined
        const result = await scanCommand(test, run, killAt)
        if (result.signal !== "SIGKILL") {
          expect(result, `killed at ${killedAt.join()}`).toMatchObject({ exit: 0 })
          break
        }
        kills++
        killedAt.push(killAt ?? 0)
      }
      expect(await outcome(run.root, run.out), `killed at ${killedAt.join()}`).toEqual(expected)
      await expectSound(await openWorkspace(run.root), test.identities)
      expect(Object.keys(filesBelow(run.root)).filter((path) => path.includes(".tmp-"))).toEqual([])
    }
  })

  it(`gives the same result as tasks of a plan, over ${TASK_KILLS} kills of tasks and merges at random steps`, {
    timeout: TASK_KILLS * 30_000,
  }, async () => {
    const { test, begin } = await prepare()
    using _ = test
    const whole = await begin("whole")
    const uninterrupted = await scanCommand(test, whole)
    const steps = Number(uninterrupted.err.split("\n").at(-1))
    const expected = await outcome(whole.root, whole.out)

    const random = seededRandom(TASK_KILLS)
    let kills = 0
    for (let round = 0; kills < TASK_KILLS; round++) {
      const run = await begin(`tasks-${round}`)
      const file = test.pathOf(`tasks-${round}`, "plan.json")
      const parts = [
        ["plan", test.pathOf("data"), "--world", "2", "--file", file, "--out", run.out],
        ["scan", "--plan", file, "--rank", "1", "--quiet"],
        ["scan", "--plan", file, "--rank", "0", "--quiet"],
        ["scan", "--plan", file, "--merge", "--quiet"],
      ]
      for (const part of parts) {
        for (let result: CommandResult | undefined; result?.exit !== 0; ) {
          const killAt = kills < TASK_KILLS ? Math.floor(random() * steps * 0.5) : undefined
          result = await killable(run, part, killAt)
          if (result.signal === "SIGKILL") kills++
          else expect(result, part.join(" ")).toMatchObject({ exit: 0 })
        }
      }
      expect(await outcome(run.root, run.out)).toEqual(expected)
      await expectSound(await openWorkspace(run.root), test.identities)
      expect(Object.keys(filesBelow(run.root)).filter((path) => path.includes(".tmp-"))).toEqual([])
    }
  })
})
