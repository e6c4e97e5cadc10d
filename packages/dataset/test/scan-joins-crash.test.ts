import { readFileSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { compact } from "@nightlight/core"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { filesBelow, plainTar } from "@nightlight/dev-env/dataset/shards"
import { copyTestWorkspace, scan, type TestWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { KILLS_LIMIT_MS } from "@nightlight/dev-env/machine/kill-at-every-step"
import { expect, it } from "vitest"
import { verifyAudit } from "../src/audit/verify.ts"
import { scanFolder } from "../src/scan/scan-folder.ts"
import { readKeptFindings } from "../src/scan/superseded.ts"
import { openWorkspace } from "../src/workspace/open.ts"
import { runScript } from "./support/run-command.ts"
import { KNOWN, requestOf, textDataset } from "./support/text-dataset.ts"

const KILLABLE = fileURLToPath(new URL("support/kill-command.ts", import.meta.url))
const KILLS = 55
const LAST_STEPS = 5

function scanAgain({ root, pathOf }: TestWorkspace, killAt?: number) {
  const args = ["--workspace", root, "scan", pathOf("data"), "--out", pathOf("clean"), "--quiet"]
  return runScript(KILLABLE, args, {
    env: { ...process.env, ...compact({ NIGHTLIGHT_TEST_KILL_AT: killAt?.toString() }) },
  })
}

/** What a join leaves, however often it was cut off. */
async function outcome({ root, pathOf }: TestWorkspace) {
  const workspace = await openWorkspace(root)
  const folder = scanFolder(workspace.layout.scans, "s-000001")
  const { decisions, totals, clean, state } = JSON.parse(readFileSync(folder.reportJson, "utf8"))
  const kept = readKeptFindings(folder, workspace.verifier)
  expect(await verifyAudit(workspace)).toMatchObject({ ok: true })
  return {
    clean: filesBelow(pathOf("clean")),
    // Labels of separate files depend on the times of the copied files, and ids on the folder's path.
    findings: kept.map(({ finding, isSuperseded }) => `${finding.itemDigest} ${isSuperseded}`).toSorted(),
    report: { decisions, totals, clean, state },
  }
}

it("a scan that joins a changed source ends the same, wherever it was killed", {
  timeout: KILLS_LIMIT_MS,
}, async () => {
  using test = await textDataset(4)
  writeFiles(test.pathOf("data"), {
    "l/a.txt": "a",
    "l/b.txt": KNOWN,
    "l/c.txt": "c",
    "l/metadata.csv": "file_name\na.txt\n",
  })
  const prepare = async () => {
    const copy = await copyTestWorkspace(test)
    await scan(copy.workspace, requestOf(copy))
    writeFiles(copy.pathOf("data"), {
      "000000.tar": plainTar({ "x.txt": "other" }),
      "9.tar": plainTar({ "y.txt": KNOWN }),
    })
    for (const gone of ["000001.tar", "l/c.txt"]) rmSync(copy.pathOf("data", gone))
    return copy
  }
  using whole = await prepare()
  const counted = await scanAgain(whole)
  expect(counted.exit).toBe(0)
  const steps = Number(counted.err.split("\n").at(-1))
  const expected = await outcome(whole)
  const spread = Array.from({ length: KILLS }, (_, kill) => Math.floor(((kill + 0.5) * steps) / KILLS))
  // The last steps give the output's claim back, when the report is written.
  const last = Array.from({ length: LAST_STEPS }, (_, step) => steps - 1 - step)
  let lateKills = 0
  for (const killAt of new Set([...spread, ...last])) {
    using copy = await prepare()
    const cut = await scanAgain(copy, killAt)
    const isLate = last.includes(killAt)
    // A run may take a few steps less, where it asks for a lock once less: then it ended before.
    if (isLate && cut.exit === 0) continue
    expect(cut).toMatchObject({ signal: "SIGKILL" })
    if (isLate) lateKills++
    expect([killAt, (await scanAgain(copy)).exit]).toEqual([killAt, 0])
    expect({ killAt, ...(await outcome(copy)) }).toEqual({ killAt, ...expected })
  }
  expect(lateKills).toBeGreaterThan(0)
})
