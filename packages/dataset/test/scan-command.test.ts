import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { ScanReport } from "@nightlight/contract"
import { MINUTE_MS } from "@nightlight/core"
import { sample, writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, plainTar } from "@nightlight/dev-env/dataset/shards"
import { importRecords, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { exitOf } from "../../cli/src/commands/scan.ts"
import { verifyAudit } from "../src/audit/verify.ts"
import { command } from "./support/run-command.ts"
import { receiptsOf } from "./support/scans.ts"

const COMMAND = fileURLToPath(new URL("support/command.ts", import.meta.url))

/** Four shards of pictures, none of them known. */
async function pictures(): Promise<TestWorkspace> {
  const test = await testWorkspace()
  for (let shard = 0; shard < 4; shard++) {
    const samples = await Promise.all(
      [0, 1, 2].map(async (index) => sample(`p${index}`, await jpeg(shard * 3 + index))),
    )
    writeFiles(test.pathOf("data"), { [`${shard}.tar`]: plainTar(Object.assign({}, ...samples)) })
  }
  await importRecords(test.workspace, [digestRecord(Buffer.from("words that a list knows"), "sha256")])
  return test
}

const argsOf = ({ root, pathOf }: TestWorkspace) => [
  "--workspace",
  root,
  "scan",
  pathOf("data"),
  "--out",
  pathOf("clean"),
  "--json",
]

describe("nightlight scan, as a process", () => {
  it("lets one of two that begin at once do the work; the other reports that, or gives the same result", async () => {
    using test = await pictures()
    const both = await Promise.all([command(argsOf(test)), command(argsOf(test))])
    for (const { exit, out } of both) {
      // Standard output is one JSON object, whatever happened.
      if (exit === 0) expect(JSON.parse(out)).toMatchObject({ scan: "s-000001", state: "complete" })
      else expect([exit, JSON.parse(out)]).toMatchObject([10, { error: { code: "locked" } }])
    }
    expect(both.map(({ exit }) => exit)).toContain(0)
    expect(filesBelow(test.pathOf("clean"))).toEqual(filesBelow(test.pathOf("data")))
    expect(receiptsOf(test.workspace).size).toBe(4)
    expect(await verifyAudit(test.workspace)).toMatchObject({ ok: true })
  })

  it("stops in order on a signal, and the same command continues", { timeout: 3 * MINUTE_MS }, async () => {
    using test = await pictures()
    const child = spawn(process.execPath, ["-C", "@nightlight/source", COMMAND, ...argsOf(test)], {
      stdio: ["ignore", "pipe", "pipe"],
    })
    let out = ""
    child.stdout.on("data", (text) => {
      out += String(text)
    })
    child.stderr.once("data", () => child.kill("SIGTERM"))
    const [exit] = await once(child, "close")
    expect(exit).toBe(10)
    expect(JSON.parse(out)).toMatchObject({ error: { code: "stopped" } })
    expect(receiptsOf(test.workspace).size).toBeLessThan(4)
    expect(await command(argsOf(test))).toMatchObject({ exit: 0 })
    expect(filesBelow(test.pathOf("clean"))).toEqual(filesBelow(test.pathOf("data")))
    expect(await verifyAudit(test.workspace)).toMatchObject({ ok: true })
  })
})

describe("the exit code of a scan", () => {
  const poison = [{ path: "1.tar", code: "shard_bomb" }]
  const failed = [{ path: "2.tar", code: "disk_full" }]
  const found = { decisions: { quarantine: 1 } }
  it.each<[number, string, object]>([
    [0, "finds alone", found],
    [0, "nothing at all", {}],
    [3, "unscreened before finds", { ...found, screened: false }],
    [5, "most of it unread", { unread: { isMost: true } }],
    [5, "most of it unread before finds", { ...found, unread: { isMost: true } }],
    [3, "unscreened before most of it unread", { screened: false, unread: { isMost: true } }],
    [42, "a poison shard before most of it unread", { poison, unread: { isMost: true } }],
    [10, "shards that are left for another run", { state: "partial", remaining: 3 }],
    [42, "a poison shard before unscreened", { ...found, screened: false, poison }],
    [10, "a file that nobody could read before a poison shard", { ...found, poison, skipped: { unreadable: 1 } }],
    [10, "a shard that was named and is missing", { skipped: { missing: 1 } }],
    [10, "a failed shard before a poison one", { ...found, poison, failed, remaining: 1, state: "partial" }],
    [50, "a stop for a person before everything", { ...found, poison, failed, state: "stopped" }],
  ])("is %i for %s", (code, _, more) => {
    expect(exitOf(reportOf(more), undefined)).toBe(code)
    // `--fail-on` turns only a success into a failure.
    expect(exitOf(reportOf(more), "quarantine")).toBe(code === 0 && more === found ? 1 : code)
  })
})

function reportOf(more: object): ScanReport {
  const decisions = { clear: 1, unscreened: 0, inconclusive: 0, review: 0, block: 0, quarantine: 0 }
  const { decisions: some, ...rest } = more as { decisions?: object }
  return {
    state: "complete",
    screened: true,
    poison: [],
    failed: [],
    remaining: 0,
    unread: { isMost: false },
    skipped: { symlink: 1 },
    decisions: { ...decisions, ...some },
    ...rest,
  } as unknown as ScanReport
}
