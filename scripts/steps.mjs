/**
 * What the two entry scripts share: timed steps, the installed packages, the Node they run on.
 *
 * Plain JavaScript for Node 18 and newer: these scripts start before anything is installed.
 * @module
 */
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The repository's root folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const bins = join(root, "node_modules", ".bin")
const startedMs = Date.now()

/** Seconds since the script started, for people: `12.3 s`. */
export function elapsed(sinceMs = startedMs) {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`
}

/** Prints a line of the script itself, told apart from a step's output by its mark. */
export function say(line) {
  process.stdout.write(`${line === "" ? "" : `> ${line}`}\n`)
}

/**
 * Runs a command from the root with the installed packages' commands, and so the pinned Node, first on the PATH.
 *
 * @param env - Added to this process's environment.
 * @returns The exit status; 127 when it cannot be started, 128 and the signal's number when it was killed.
 */
export function run(command, args, env = {}) {
  return new Promise((settle) => {
    const path = [bins, process.env.PATH].filter(Boolean).join(delimiter)
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...env, PATH: path },
    })
    const forward = (signal) => child.kill(signal)
    for (const signal of FORWARDED) process.on(signal, forward)
    const done = (status) => {
      for (const signal of FORWARDED) process.off(signal, forward)
      settle(status)
    }
    child.on("error", () => done(127))
    child.on("exit", (status, signal) => done(status ?? (signal === "SIGINT" ? 130 : 143)))
  })
}

const FORWARDED = ["SIGTERM", "SIGHUP"]

/**
 * Names, times and runs one step.
 *
 * @param work - Resolves to an exit status.
 * @returns Whether it succeeded.
 */
export async function step(title, work) {
  say(title)
  const sinceMs = Date.now()
  const status = await work()
  say(status === 0 ? `${title}: done in ${elapsed(sinceMs)}` : `${title}: FAILED with status ${status}`)
  return status === 0
}

/** Runs npm: the one that started this script where there is one, on whatever Node it likes. */
export function npm(args) {
  const cli = process.env.npm_execpath
  return cli?.endsWith(".js") ? run(process.execPath, [cli, ...args]) : run("npm", args)
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8")).packages ?? {}
  } catch {
    return undefined
  }
}

/**
 * Tells whether node_modules holds what package-lock.json asks for.
 *
 * Packages for other platforms are left out of node_modules on purpose, so an absent optional one is no reason.
 */
export function isInstalled() {
  const wanted = readLock("package-lock.json")
  const present = readLock("node_modules/.package-lock.json")
  if (wanted === undefined || present === undefined) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "" || !path.startsWith("node_modules/")) return true
    const found = present[path]
    if (found === undefined) return entry.optional === true
    return found.version === entry.version && found.link === entry.link && existsSync(join(root, path))
  })
}

/** Installs the locked packages unless they are there. @returns Whether they are there now. */
export async function install() {
  if (isInstalled()) {
    say("packages: as the lock file says")
    return true
  }
  return step("packages: npm ci", () => npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))
}

/**
 * Finds the Node that builds and runs Nightlight: the pinned one, or this one when it is new enough.
 *
 * @returns Its path, or undefined after saying what is missing.
 */
export function findNode() {
  const pinned = join(bins, "node")
  if (existsSync(pinned)) return pinned
  const [major, minor] = process.versions.node.split(".").map(Number)
  if (major > 22 || (major === 22 && minor >= 19)) return process.execPath
  say(`Node 22.19 or newer is needed and npm brings none for ${process.platform} ${process.arch}: install it, then`)
  say("run this again.")
  return undefined
}
