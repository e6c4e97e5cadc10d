import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { findOldNode } from "@nightlight/dev-env/command/old-node"
import { afterAll, describe, expect, it } from "vitest"
import { launchedSources } from "./support/launched-sources.ts"

const bin = fileURLToPath(new URL("../bin/nightlight.js", import.meta.url))
const oldNode = findOldNode()
/** Gives a command a terminal. */
const SCRIPT = "/usr/bin/script"
const folders: string[] = []

interface Tree {
  /** Source of `dist/main.js`; absent: not built. */
  readonly main?: string
  /** Whether a new enough Node lies in the tree's node_modules. */
  readonly pinned?: boolean
  /** In a clone: seconds from the build to the last change of its sources; negative where it was built afterwards. */
  readonly changedAfterSeconds?: number
}

/** Lays an installed package tree around a copy of the command and returns the command's path. */
async function layTree({ main, pinned = true, changedAfterSeconds }: Tree): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "nightlight-launcher-"))
  folders.push(root)
  const pkg = join(root, "node_modules/@nightlight/cli")
  await mkdir(join(pkg, "bin"), { recursive: true })
  await copyFile(bin, join(pkg, "bin/nightlight.js"))
  await writeFile(join(pkg, "package.json"), JSON.stringify({ type: "module" }))
  if (main !== undefined) {
    await mkdir(join(pkg, "dist"))
    await writeFile(join(pkg, "dist/main.js"), main)
  }
  if (changedAfterSeconds !== undefined) {
    const builtAt = new Date("2026-01-01T12:00:00.000Z")
    await mkdir(join(pkg, "src/inner"), { recursive: true })
    await writeFile(join(pkg, "dist/.tsbuildinfo"), "")
    await utimes(join(pkg, "dist/.tsbuildinfo"), builtAt, builtAt)
    for (const name of ["src/main.ts", "src/inner/part.ts"]) {
      const changedAt = name === "src/main.ts" ? builtAt : new Date(builtAt.getTime() + changedAfterSeconds * 1000)
      await writeFile(join(pkg, name), "")
      await utimes(join(pkg, name), changedAt, changedAt)
    }
  }
  if (pinned) {
    const home = join(root, `node_modules/node-${process.platform}-${process.arch}/bin`)
    await mkdir(home, { recursive: true })
    await symlink(process.execPath, join(home, "node"))
  }
  return join(pkg, "bin/nightlight.js")
}

function start(node: string, command: string, args: readonly string[] = []): ChildProcess {
  return spawn(node, [command, ...args], { stdio: ["pipe", "pipe", "pipe"] })
}

interface Ending {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

async function ending(child: ChildProcess): Promise<Ending> {
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, "close")])
  return { status: status as number | null, stdout, stderr }
}

/** Resolves once the child has printed its first line. */
async function firstLine(child: ChildProcess): Promise<string> {
  let line = ""
  for await (const chunk of child.stdout!.iterator({ destroyOnReturn: false })) {
    line += String(chunk)
    if (line.includes("\n")) break
  }
  return line.trim()
}

/** Says that it runs, then waits for a signal it handles or for its death. */
const WAITS = `export async function run() {
  const got = new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => resolve(signal))
  })
  const alive = setInterval(() => {}, 1000)
  process.stdout.write("ready " + process.pid + "\\n")
  process.stdout.write("got " + (await got) + "\\n")
  clearInterval(alive)
  return 50
}`

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
})

it("is parsed by a Node that knows neither top-level await nor newer syntax", async () => {
  const source = await readFile(bin, "utf8")
  expect(source).not.toMatch(/\bawait |\?\?=|\|\|=|&&=|\.at\(|hasOwn\(|replaceAll\(/)
})

describe.each([
  ["a new enough Node", process.execPath],
  ["an older Node", oldNode],
])("started by %s", (_, node) => {
  const command = node === undefined ? it.skip : it

  command("hands over the arguments and returns the status", async () => {
    const tree = await layTree({
      main: `export async function run(args) { process.stdout.write(JSON.stringify([args, process.versions.node])); return 42 }`,
    })
    const { status, stdout } = await ending(start(node!, tree, ["scan", "--json", "a b", "", "$HOME"]))
    expect(status).toBe(42)
    expect(JSON.parse(stdout)).toEqual([["scan", "--json", "a b", "", "$HOME"], process.versions.node])
  })

  command("runs without the inspector's signal", async () => {
    const tree = await layTree({
      main: `export async function run() { process.stdout.write(JSON.stringify(process.execArgv)); return 0 }`,
    })
    expect(await ending(start(node!, tree))).toMatchObject({
      stdout: `["--disable-sigusr1","--min-semi-space-size=16"]`,
    })
  })

  command("holds the passphrase in no process of a command that needs none and may run for hours", async () => {
    const main = `import { readFileSync } from "node:fs"
      export async function run() {
        const own = readFileSync("/proc/self/environ", "utf8")
        const parents = process.connected ? readFileSync("/proc/" + process.ppid + "/environ", "utf8") : ""
        process.stdout.write(String((own + parents).includes("canary-passphrase")))
        return 0
      }`
    const tree = await layTree({ main })
    const env = { ...process.env, NIGHTLIGHT_PASSPHRASE: "canary-passphrase" }
    const runs = async (args: readonly string[]) =>
      ending(spawn(node!, [tree, ...args], { stdio: ["pipe", "pipe", "pipe"], env }))
    for (const args of [["scan"], ["--workspace", "guard", "hunt"], ["--workspace=keys", "push"], ["conformance"]]) {
      const { status, stdout, stderr } = await runs(args)
      // An older Node stays beside the command, and cannot let go of what it was started with.
      if (node === oldNode) {
        expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: "" })
        expect(stderr).toContain("env -u NIGHTLIGHT_PASSPHRASE nightlight")
        expect(stderr).not.toContain("canary-passphrase")
      } else expect({ args, status, stdout }).toEqual({ args, status: 0, stdout: "false" })
    }
    for (const args of [["keys", "drill"], ["guard"]]) {
      expect({ args, ...(await runs(args)) }).toMatchObject({ args, status: 0, stdout: "true" })
    }
  })

  command.each([["guard", "--upstream", "http://127.0.0.1:9/v1"], ["up", "--demo"], ["up"]])(
    "refuses a passphrase in the environment of %s %s, which runs until it is stopped",
    async (...args) => {
      const folder = await mkdtemp(join(tmpdir(), "nightlight-refusing-"))
      folders.push(folder)
      const launcher = await launchedSources(folder)
      const env = { ...process.env, ...launcher.env, NIGHTLIGHT_PASSPHRASE: "canary-passphrase" }
      const asked = args.filter((arg) => typeof arg === "string")
      const child = spawn(node!, [launcher.bin, ...asked], { stdio: ["pipe", "pipe", "pipe"], env, cwd: folder })
      const { status, stderr } = await ending(child)
      expect(status).toBe(2)
      expect(stderr).toMatch(
        /does not read a passphrase from NIGHTLIGHT_PASSPHRASE[\s\S]*(env -u NIGHTLIGHT_PASSPHRASE|--passphrase-stdin)/,
      )
      expect(await readdir(folder)).toEqual(["launched"])
    },
  )

  command("leaves stdin to the command", async () => {
    const tree = await layTree({
      main: `export async function run() { process.stdin.pipe(process.stdout); return 0 }`,
    })
    const child = start(node!, tree)
    child.stdin!.end("a passphrase\n")
    expect(await ending(child)).toMatchObject({ status: 0, stdout: "a passphrase\n" })
  })

  command.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("lets the command answer %s", async (signal) => {
    const child = start(node!, await layTree({ main: WAITS }))
    await firstLine(child)
    child.kill(signal)
    expect(await ending(child)).toMatchObject({ status: 50, stdout: `got ${signal}\n` })
  })

  command("answers 70, never 1, to a fault of ours, and does not repeat its message", async () => {
    const tree = await layTree({ main: `export async function run() { throw new TypeError("secret-name.jpg") }` })
    const { status, stderr } = await ending(start(node!, tree))
    expect(status).toBe(70)
    expect(stderr).toContain("TypeError")
    expect(stderr).not.toContain("secret-name")
  })

  command("answers 70 to a fault outside the command's promise", async () => {
    const tree = await layTree({
      main: `export async function run() { setImmediate(() => { throw new Error("secret-name.jpg") }); return 0 }`,
    })
    const { status, stderr } = await ending(start(node!, tree))
    expect(status).toBe(70)
    expect(stderr).not.toContain("secret-name")
  })

  command("runs no build that is older than the clone's sources, as after git pull alone", async () => {
    const main = `export async function run() { process.stdout.write("ran"); return 0 }`
    const stale = await ending(start(node!, await layTree({ main, changedAfterSeconds: 1 })))
    expect(stale).toMatchObject({ status: 2, stdout: "" })
    expect(stale.stderr).toContain("the sources of cli are newer")
    expect(stale.stderr).toContain("npm run build")
    expect(await ending(start(node!, await layTree({ main, changedAfterSeconds: -1 })))).toMatchObject({
      status: 0,
      stdout: "ran",
    })
  })

  command("works through a link in a folder on the PATH", async () => {
    const tree = await layTree({
      main: `export async function run() { process.stdout.write(process.versions.node); return 0 }`,
    })
    const link = join(await mkdtemp(join(tmpdir(), "nightlight-link-")), "nightlight")
    folders.push(dirname(link))
    await symlink(tree, link)
    expect(await ending(start(node!, link))).toMatchObject({ status: 0, stdout: process.versions.node })
  })

  command("says how to build a command that is not built", async () => {
    const { status, stderr } = await ending(start(node!, await layTree({})))
    expect(status).toBe(2)
    expect(stderr).toContain("not built")
  })
})

describe.skipIf(oldNode === undefined)("under an older Node", () => {
  it("says which Node is needed when none is installed beside it", async () => {
    const { status, stderr } = await ending(start(oldNode!, await layTree({ main: WAITS, pinned: false })))
    expect(status).toBe(2)
    expect(stderr).toContain("22.19")
  })

  it("returns 128 and the signal's number when the command is killed", async () => {
    const child = start(oldNode!, await layTree({ main: WAITS }))
    const pid = Number((await firstLine(child)).split(" ")[1])
    expect(pid).not.toBe(child.pid)
    process.kill(pid, "SIGKILL")
    expect((await ending(child)).status).toBe(128 + 9)
  })

  it("takes the command with it when it is killed itself", async () => {
    const child = start(oldNode!, await layTree({ main: WAITS }))
    await firstLine(child)
    child.kill("SIGKILL")
    // Both hold the pipes: they close only once neither lives.
    expect(await ending(child)).toMatchObject({ status: null, stdout: "" })
  })

  it.skipIf(!existsSync(SCRIPT))("passes on a SIGINT that reached it alone, in a terminal too", async () => {
    const tree = await layTree({ main: WAITS })
    const child = spawn(SCRIPT, ["-qec", `exec ${oldNode} ${tree}`, "/dev/null"], { stdio: ["pipe", "pipe", "pipe"] })
    const pid = Number((await firstLine(child)).split(" ")[1])
    const [, launcher] = /^PPid:\s+(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? []
    process.kill(Number(launcher), "SIGINT")
    expect(await ending(child)).toMatchObject({ status: 50, stdout: expect.stringContaining("got SIGINT") })
  })

  it("does not keep the command waiting for its channel", async () => {
    const { status } = await ending(
      start(oldNode!, await layTree({ main: `export async function run() { return 0 }` })),
    )
    expect(status).toBe(0)
  })
})
