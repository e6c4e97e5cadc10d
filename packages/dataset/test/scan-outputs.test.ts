import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { filesBelow, noSignal } from "@nightlight/dev-env/dataset/shards"
import { copyWorkspace, scan, type TestWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { holdLock } from "@nightlight/durable"
import { describe, expect, it } from "vitest"
import { claimOutput } from "../src/output/claim.ts"
import { runScan } from "../src/scan/run-scan.ts"
import type { Workspace } from "../src/workspace/workspace.ts"
import { nightlight } from "./support/in-process.ts"
import { command } from "./support/run-command.ts"
import { receiptsOf } from "./support/scans.ts"
import { requestOf, textDataset } from "./support/text-dataset.ts"

const CLAIM = ".nightlight-claim"

/** Whether every receipt's file is in the copy, as it was written. */
function vouchesForFiles(workspace: Workspace, clean: string): boolean {
  return [...receiptsOf(workspace).keys()].every((path) => existsSync(join(clean, path)))
}

/** Two workspaces with the same lists, and a dataset. */
async function twoWorkspaces(): Promise<{ readonly test: TestWorkspace; readonly other: Workspace }> {
  const test = await textDataset(6)
  return { test, other: await copyWorkspace(test, test.pathOf("other-workspace")) }
}

describe("two workspaces that scan into one output", () => {
  it("do not write at once: the second is told to try later, and once the first is done, that the output is taken", async () => {
    const { test, other } = await twoWorkspaces()
    using _ = test
    let second: Promise<unknown> | undefined
    const watcher = {
      onPlan: () => {
        second = scan(other, requestOf(test)).catch((error: unknown) => error)
      },
    }
    const first = await runScan(test.workspace, requestOf(test), watcher, noSignal)
    expect(first.report.state).toBe("complete")
    expect(await second).toMatchObject({ code: "locked", retryable: true })
    expect(vouchesForFiles(test.workspace, test.pathOf("clean"))).toBe(true)
    await expect(scan(other, requestOf(test))).rejects.toMatchObject({ code: "output_conflict" })
    expect(vouchesForFiles(test.workspace, test.pathOf("clean"))).toBe(true)
    expect(readdirSync(test.pathOf("clean"))).not.toContain(CLAIM)
  })

  it("never both succeed as processes of their own", async () => {
    const { test, other } = await twoWorkspaces()
    using _ = test
    const args = (root: string) => ["--workspace", root, "scan", test.pathOf("data"), "--out", test.pathOf("clean")]
    const exits = (await Promise.all([command(args(test.root)), command(args(other.layout.root))])).map(
      ({ exit }) => exit,
    )
    expect(exits.filter((exit) => exit === 0)).toHaveLength(1)
    expect([2, 10]).toContain(exits.find((exit) => exit !== 0))
    const winner = exits[0] === 0 ? test.workspace : other
    expect(vouchesForFiles(winner, test.pathOf("clean"))).toBe(true)
    expect(receiptsOf(winner).size).toBe(6)
  })

  it("do not take each other's copy over: an unfinished scan does not continue in another's", async () => {
    const { test, other } = await twoWorkspaces()
    using _ = test
    const stop = new AbortController()
    await expect(
      runScan(test.workspace, requestOf(test), { onPlan: () => stop.abort() }, stop.signal),
    ).rejects.toThrow()
    expect((await scan(other, requestOf(test))).report.state).toBe("complete")
    const copy = filesBelow(test.pathOf("clean"))
    await expect(scan(test.workspace, requestOf(test))).rejects.toMatchObject({ code: "output_conflict" })
    expect(filesBelow(test.pathOf("clean"))).toEqual(copy)
  })
})

describe("the claim of an output", () => {
  it("of a process that ended counts no more, and goes with the scan", async () => {
    using test = await textDataset(1)
    mkdirSync(test.pathOf("clean", CLAIM), { recursive: true, mode: 0o700 })
    // A process of this boot that is gone: the largest id there can be.
    const own = await holdLock(test.pathOf("own-lock"))
    const [name = ""] = readdirSync(test.pathOf("own-lock"))
    const token = readFileSync(test.pathOf("own-lock", name), "utf8").replace(/-\d+-/, "-4194304-")
    await own.release()
    writeFileSync(test.pathOf("clean", CLAIM, "7.lock"), token)
    mkdirSync(test.pathOf("clean", `${CLAIM}.0123456789ab`))
    expect((await scan(test.workspace, requestOf(test))).report.state).toBe("complete")
    expect(readdirSync(test.pathOf("clean"))).toEqual(["000000.tar"])
  })

  it("of a running one is named, with what to do, and exits as a scheduler expects", async () => {
    using test = await textDataset(1)
    await using _ = await claimOutput(test.pathOf("clean"))
    const refused = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(refused.exit).toBe(10)
    expect(refused.err).toContain("another scan writes to the output folder (locked)")
    expect(refused.err).toContain("run the same command again")
  })

  it("leaves no folder behind that was made for it, and keeps one that was there", async () => {
    using test = await textDataset(1)
    await (await claimOutput(test.pathOf("a", "b")))[Symbol.asyncDispose]()
    expect(existsSync(test.pathOf("a"))).toBe(false)
    mkdirSync(test.pathOf("there"))
    await (await claimOutput(test.pathOf("there")))[Symbol.asyncDispose]()
    expect(readdirSync(test.pathOf("there"))).toEqual([])
    rmSync(test.pathOf("there"), { recursive: true })
  })

  it("is one process's at a time, however many ask for it as it comes and goes", async () => {
    using test = await textDataset(1)
    let holders = 0
    let most = 0
    let taken = 0
    const ask = async (): Promise<void> => {
      while (taken < 40) {
        const claim = await claimOutput(test.pathOf("busy")).catch(() => undefined)
        if (claim === undefined) continue
        most = Math.max(most, ++holders)
        taken++
        await new Promise((resolve) => setImmediate(resolve))
        holders--
        await claim[Symbol.asyncDispose]()
      }
    }
    await Promise.all(Array.from({ length: 6 }, ask))
    expect({ most, taken: taken >= 40 }).toEqual({ most: 1, taken: true })
  })
})
