/**
 * `npm run verify`: from a fresh clone to every check and test. The last line is `N passed, N failed`, where a
 * failed step counts as one, and the exit status is 0 only if nothing failed. `--long` runs the longest suites whole.
 * @module
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { install, npm } from "./install.mjs"
import { elapsed, findNode, root, run, say, step } from "./steps.mjs"
import { installSystemPackages } from "./system-packages.mjs"

const isLong = process.argv.includes("--long")

/** Runs Vitest and reads the counts that tests/support/count-reporter.ts leaves. */
async function runTests(node) {
  const folder = mkdtempSync(join(tmpdir(), "nightlight-verify-"))
  const counts = join(folder, "counts.json")
  const env = isLong ? { NIGHTLIGHT_COUNTS: counts, NIGHTLIGHT_LONG: "1" } : { NIGHTLIGHT_COUNTS: counts }
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs")
  try {
    const isGreen = await step("tests", () => run(node, [vitest, "run"], { env }))
    const { passed, failed, skipped } = JSON.parse(readFileSync(counts, "utf8"))
    return { passed, skipped, failed: isGreen ? failed : Math.max(1, failed) }
  } catch {
    say("tests: the run ended without its counts")
    return { passed: 0, failed: 1, skipped: 0 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Files that git sees as changed; undefined outside a clone, and where someone may be editing meanwhile. */
function changedFiles() {
  if (process.env.CI === undefined) return undefined
  const { status, stdout } = spawnSync("git", ["status", "--porcelain"], { cwd: root, encoding: "utf8" })
  return status === 0 ? stdout : undefined
}

async function verify() {
  const changedBefore = changedFiles()
  const failedSteps = []
  const attempt = async (title, work) => {
    const isDone = await step(title, work)
    if (!isDone) failedSteps.push(title)
    return isDone
  }
  const counted = { passed: 0, failed: 0, skipped: 0 }

  if (!(await install())) failedSteps.push("npm ci")
  else {
    await installSystemPackages({ isLong })
    const node = findNode()
    if (node === undefined) failedSteps.push("node")
    else {
      const tsc = join(root, "node_modules", "typescript", "bin", "tsc")
      await attempt("build", () => run(node, [tsc, "-b"]))
      await attempt("bundle", () => npm(["run", "--silent", "build:bundle"]))
      await attempt("console", () => npm(["run", "--silent", "build:console"]))
      await attempt("check", () => npm(["run", "--silent", "check"]))
      Object.assign(counted, await runTests(node))
      const changed = changedFiles()
      if (changed !== changedBefore) {
        say(`clean tree: building and testing changed files:\n${changed}`)
        failedSteps.push("clean tree")
      }
    }
  }

  say(`all of it in ${elapsed()}${failedSteps.length > 0 ? `; failed steps: ${failedSteps.join(", ")}` : ""}`)
  const failed = counted.failed + failedSteps.length
  const skipped = counted.skipped > 0 ? `, ${counted.skipped} skipped` : ""
  process.stdout.write(`${counted.passed} passed, ${failed} failed${skipped}\n`)
  return failed === 0 ? 0 : 1
}

process.exitCode = await verify()
