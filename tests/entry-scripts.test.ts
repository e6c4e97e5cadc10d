import { spawnSync } from "node:child_process"
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { findOldNode } from "@nightlight/dev-env/command/old-node"
import { afterAll, describe, expect, it } from "vitest"
import { root } from "./support/source-tree.ts"

const folders: string[] = []
const oldNode = findOldNode()

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Behaviour of the stand-ins for npm, tsc, Vitest and the command. */
interface Plan {
  /** Whether packages lie in node_modules as the lock file says. */
  readonly installed?: boolean
  /** Systems of an optional package that the lock file names and node_modules lacks. */
  readonly absentFor?: readonly string[]
  readonly npmCi?: number
  readonly check?: number
  readonly build?: number
  readonly bundle?: number
  readonly console?: number
  readonly tests?: { readonly status: number; readonly counts?: object }
  readonly demo?: number
}

/** Lays a tree around copies of the scripts in which every tool is a stand-in that only answers a status. */
function layTree(plan: Plan): string {
  const {
    installed = true,
    absentFor,
    npmCi = 0,
    check = 0,
    build = 0,
    bundle = 0,
    console: app = 0,
    tests,
    demo = 0,
  } = plan
  const tree = mkdtempSync(join(tmpdir(), "nightlight-scripts-"))
  folders.push(tree)
  cpSync(join(root, "scripts"), join(tree, "scripts"), { recursive: true })
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    writeFileSync(join(tree, path), text)
  }
  const lock = (version: string, more: object = {}) =>
    JSON.stringify({ packages: { "": {}, "node_modules/typescript": { version }, ...more } })
  const absent = {
    "node_modules/some-binary": { version: "1.0.0", optional: true, os: absentFor, cpu: [process.arch] },
  }
  write("package-lock.json", lock("2.0.0", absentFor === undefined ? {} : absent))
  write("node_modules/.package-lock.json", lock(installed ? "2.0.0" : "1.0.0"))
  write(
    "npm.js",
    `console.log("npm " + process.argv[2])
const statuses = { ci: ${npmCi}, "build:bundle": ${bundle}, "build:console": ${app}, check: ${check} }
process.exit(statuses[process.argv.find((name) => name in statuses)])`,
  )
  write("node_modules/typescript/bin/tsc", `process.exit(${build})`)
  const { status, counts } = tests ?? { status: 0, counts: { passed: 5, failed: 0, skipped: 0 } }
  const leave =
    counts === undefined
      ? ""
      : `require("fs").writeFileSync(process.env.NIGHTLIGHT_COUNTS, '${JSON.stringify(counts)}')`
  write(
    "node_modules/vitest/vitest.mjs",
    `import { createRequire } from "node:module"
const require = createRequire(import.meta.url)
console.log("long " + process.env.NIGHTLIGHT_LONG)
${leave}
process.exit(${status})`,
  )
  write("packages/cli/bin/nightlight.js", `console.log("demo runs"); process.exit(${demo})`)
  mkdirSync(join(tree, "node_modules/.bin"))
  symlinkSync(process.execPath, join(tree, "node_modules/.bin/node"))
  chmodSync(tree, 0o700)
  return tree
}

function runScript(tree: string, script: string, args: readonly string[] = [], node = process.execPath) {
  const { status, stdout } = spawnSync(node, [join(tree, "scripts", script), ...args], {
    cwd: tmpdir(),
    encoding: "utf8",
    // No apt-get on this PATH: a test installs nothing.
    env: { PATH: join(tree, "node_modules/.bin"), npm_execpath: join(tree, "npm.js") },
  })
  return { status, stdout, last: stdout.trimEnd().split("\n").at(-1) }
}

describe("npm run verify", () => {
  it("ends with the tests' counts and status 0 when nothing failed", () => {
    const tree = layTree({ tests: { status: 0, counts: { passed: 7, failed: 0, skipped: 2 } } })
    expect(runScript(tree, "verify.mjs")).toMatchObject({ status: 0, last: "7 passed, 0 failed, 2 skipped" })
  })

  it.each([
    ["build", { build: 1 }, "5 passed, 1 failed"],
    ["bundle", { bundle: 1 }, "5 passed, 1 failed"],
    ["console", { console: 1 }, "5 passed, 1 failed"],
    ["check", { check: 1 }, "5 passed, 1 failed"],
    ["npm ci", { installed: false, npmCi: 1 }, "0 passed, 1 failed"],
  ] as const)("counts a failed %s as one failure and names it", (step, plan, last) => {
    const outcome = runScript(layTree(plan), "verify.mjs")
    expect(outcome).toMatchObject({ status: 1, last })
    expect(outcome.stdout).toContain(`failed steps: ${step}`)
  })

  it.each([
    ["a failed test", { status: 1, counts: { passed: 4, failed: 1, skipped: 0 } }, "4 passed, 1 failed"],
    ["a failure that no test shows", { status: 1, counts: { passed: 5, failed: 0, skipped: 0 } }, "5 passed, 1 failed"],
    ["a run that left no counts", { status: 0 }, "0 passed, 1 failed"],
  ] as const)("fails on %s", (_, tests, last) => {
    expect(runScript(layTree({ tests }), "verify.mjs")).toMatchObject({ status: 1, last })
  })

  it("installs when node_modules is not what the lock file says, and only then", () => {
    expect(runScript(layTree({ installed: false }), "verify.mjs").stdout).toContain("npm ci")
    expect(runScript(layTree({ installed: true }), "verify.mjs").stdout).not.toContain("npm ci")
  })

  it("installs again when an optional package for this platform was left out, but not for another's", () => {
    expect(runScript(layTree({ absentFor: [process.platform] }), "verify.mjs").stdout).toContain("npm ci")
    expect(runScript(layTree({ absentFor: ["aix"] }), "verify.mjs").stdout).not.toContain("npm ci")
  })

  it("runs the longest suites whole only when asked", () => {
    expect(runScript(layTree({}), "verify.mjs").stdout).toContain("long undefined")
    expect(runScript(layTree({}), "verify.mjs", ["--long"]).stdout).toContain("long 1")
  })

  it("says which system packages are missing and goes on", () => {
    const { status, stdout } = runScript(layTree({}), "verify.mjs")
    expect(stdout).toContain("system packages:")
    expect(status).toBe(0)
  })
})

describe("npm run quickstart", () => {
  it("installs, builds, runs the demo and says what comes next", () => {
    const { status, stdout } = runScript(layTree({ installed: false }), "quickstart.mjs")
    expect(status).toBe(0)
    expect(stdout).toMatch(/npm ci[\s\S]*build[\s\S]*demo runs[\s\S]*npx nightlight/)
  })

  it.each([{ npmCi: 1, installed: false }, { build: 1 }, { bundle: 1 }, { console: 1 }, { demo: 70 }])(
    "fails when a step does: %o",
    (plan) => {
      const { status, stdout } = runScript(layTree(plan), "quickstart.mjs")
      expect(status).toBe(1)
      expect(stdout).not.toContain("npx nightlight")
    },
  )
})

describe.skipIf(oldNode === undefined)("under an older Node", () => {
  it.each(["verify.mjs", "quickstart.mjs"])("%s runs below a 0700 folder, its tools under the pinned one", (script) => {
    expect(runScript(layTree({}), script, [], oldNode)).toMatchObject({ status: 0 })
  })
})
