/**
 * `npm run quickstart`: from a fresh clone to the main job's result, a screened dataset with its report page.
 * @module
 */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { install, npm } from "./install.mjs"
import { elapsed, findNode, root, run, say, step } from "./steps.mjs"

const command = join(root, "packages", "cli", "bin", "nightlight.js")

/** Scans are numbered, so the last name is the newest. */
function newestReport() {
  const scans = join(root, "nightlight-demo", "workspace", "scans")
  try {
    const newest = readdirSync(scans)
      .filter((name) => name.startsWith("s-"))
      .sort()
      .at(-1)
    return newest && join(scans, newest, "report.html")
  } catch {
    return undefined
  }
}

async function quickstart() {
  if (!(await install())) return 1
  const node = findNode()
  if (node === undefined) return 2
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc")
  if (!(await step("build", () => run(node, [tsc, "-b", "packages/cli"])))) return 1
  if (!(await step("bundle", () => npm(["run", "--silent", "build:bundle"])))) return 1
  if (!(await step("console", () => npm(["run", "--silent", "build:console"])))) return 1
  if (!(await step("nightlight demo", () => run(node, [command, "demo"])))) return 1

  const report = newestReport()
  say(`From clone to result in ${elapsed()}.`)
  if (report !== undefined) say(`The report page, to open in a browser: ${report}`)
  say("Next, your own data: docs/guides/screen-a-dataset.md. In this clone the command is `npx nightlight`;")
  say(`to have it everywhere: ln -s ${command} /usr/local/bin/nightlight`)
  say("The console, with a day's made-up cases: npx nightlight up --demo")
  return 0
}

process.exitCode = await quickstart()
