import { spawnSync } from "node:child_process"
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { makeDataset } from "@nightlight/demo/generated"
import { afterAll, describe, expect, it } from "vitest"

const packages = join(import.meta.dirname, "../..")
const launcher = join(packages, "cli/bin/nightlight.js")
const built = join(packages, "cli/dist/main.js")
const bundle = join(packages, "cli/dist/bundle/main.js")
const folders: string[] = []

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "nightlight-bundle-"))
  folders.push(folder)
  return folder
}

/** When the files of a tree changed, in minutes; what has no time is not there. */
interface Times {
  readonly bundled?: number
  readonly built?: number
  readonly builtOther?: number
  readonly installed?: number
}

/** Lays a clone around the launcher, or an installed package if nothing says when it was built, and starts it. */
function whatRunsIn(times: Times): string {
  const root = newFolder()
  const write = (path: string, text: string, minute: number | undefined) => {
    if (minute === undefined) return
    const at = new Date(Date.UTC(2026, 0, 1, 12, minute))
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    utimesSync(join(root, path), at, at)
  }
  const saying = (what: string) => `export async function run() { process.stdout.write("${what}"); return 0 }`
  write("packages/cli/package.json", JSON.stringify({ type: "module" }), 0)
  write("packages/cli/dist/main.js", saying("what was built"), 0)
  write("packages/cli/dist/bundle/main.js", saying("the bundle"), times.bundled)
  write("packages/cli/src/main.ts", "", times.built && 0)
  write("packages/cli/dist/.tsbuildinfo", "", times.built)
  write("packages/core/src/index.ts", "", times.builtOther && 0)
  write("packages/core/dist/.tsbuildinfo", "", times.builtOther)
  write("node_modules/.package-lock.json", "{}", times.installed)
  cpSync(launcher, join(root, "packages/cli/bin/nightlight.js"))
  const { stdout, stderr } = spawnSync(process.execPath, [join(root, "packages/cli/bin/nightlight.js")], {
    encoding: "utf8",
  })
  return stdout + stderr
}

describe("the launcher", () => {
  it("runs the bundle of a clone in which nothing was built or installed after it", () => {
    expect(whatRunsIn({ installed: 1, built: 2, builtOther: 3, bundled: 3 })).toBe("the bundle")
  })

  it("runs what was built where there is no bundle", () => {
    expect(whatRunsIn({ built: 2 })).toBe("what was built")
  })

  it.each([
    ["the command", { built: 4, bundled: 3 }],
    ["any package of the clone", { built: 2, builtOther: 4, bundled: 3 }],
  ])("does not run a bundle older than what was built of %s", (_, times) => {
    expect(whatRunsIn(times)).toBe("what was built")
  })

  it("does not run a bundle older than the installed packages, some of which it holds", () => {
    expect(whatRunsIn({ built: 2, bundled: 3, installed: 4 })).toBe("what was built")
  })

  it("runs the bundle of an installed package, which is never built again", () => {
    expect(whatRunsIn({ bundled: 3 })).toBe("the bundle")
  })
})

/** Whether there is a bundle, and of what is built: always so after `npm run build`. */
function isCurrent(): boolean {
  const written = statSync(bundle, { throwIfNoEntry: false })
  if (written === undefined) return false
  return globSync(join(packages, "*/dist/.tsbuildinfo")).every((path) => statSync(path).mtimeMs <= written.mtimeMs)
}

describe.skipIf(!isCurrent())("the bundled command", () => {
  const env = { PATH: process.env["PATH"], NIGHTLIGHT_PASSPHRASE: "correct horse battery" }
  /** Runs commands one after another in a process of their own, and gives what they print. */
  const outputOf = (main: string, commands: readonly (readonly string[])[], cwd = newFolder()) => {
    const code = `const { run } = await import(process.argv[1])
      for (const args of JSON.parse(process.argv[2])) process.stdout.write("exit " + (await run(args)) + "\\n")`
    const argv = ["--no-warnings", "--input-type=module", "-e", code, "--", main, JSON.stringify(commands)]
    const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", cwd, env })
    return stdout + stderr
  }

  it("gives the help of the built one, and its words on wrong use", () => {
    const named = outputOf(built, [["--help"]]).matchAll(/^ {2}([a-z-]+) /gm)
    const helps = [...named].map(([, name = ""]) => [name, "--help"])
    expect(helps.length).toBeGreaterThan(20)
    const commands = [...helps, ["--version"], ["scann"], ["scan", "--bad"], ["scan", "absent", "--json"]]
    expect(outputOf(bundle, commands)).toBe(outputOf(built, commands))
  })

  it("finds in a scan what the built one finds, as isolated", { timeout: 2 * MINUTE_MS }, async () => {
    const folder = newFolder()
    const pathOf = (name: string) => join(folder, name)
    const made = await makeDataset({ folder: pathOf("data"), pictures: 12, listed: 2, perShard: 12, side: 320 })
    // As another dataset, so that its shards are not known by then.
    cpSync(pathOf("data"), pathOf("again"), { recursive: true })
    writeFileSync(pathOf("list.csv"), made.listCsv)
    const within = ["--workspace", pathOf("workspace")]
    outputOf(built, [
      [...within, "init", "--yes"],
      [...within, "lists", "import", pathOf("list.csv"), "--name", "ours", "--trust", "trusted"],
    ])
    const resultOf = (main: string, data: string) => {
      const output = outputOf(main, [[...within, "scan", pathOf(data), "--json"]])
      const report = JSON.parse(output.slice(0, output.indexOf("\n"))) as Record<string, unknown>
      const { coverage, decisions, distances, inPlace, matches, totals, transformations } = report
      return { coverage, decisions, distances, inPlace, matches, totals, transformations }
    }
    const result = resultOf(bundle, "data")
    expect(result).toMatchObject({ totals: { samples: 24 }, inPlace: { items: made.planted.length } })
    expect(result).toEqual(resultOf(built, "again"))
  })
})
