/**
 * Shared by the entry scripts: timed steps, and the Node they run on.
 *
 * Plain JavaScript for Node 18 and newer: these scripts start before anything is installed.
 * @module
 */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
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
 * @param options - `env` is added to this process's environment; `cwd` is the root unless given; `node` is a folder of
 *   commands to come before the installed ones.
 * @returns The exit status; 127 when it cannot be started, 128 and the signal's number when it was killed.
 */
export function run(command, args, { env = {}, cwd = root, node } = {}) {
  return new Promise((settle) => {
    const path = [node, bins, process.env.PATH].filter(Boolean).join(delimiter)
    const child = spawn(command, args, {
      cwd,
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

/** Tells whether this Node runs Nightlight; an older one only starts these scripts. */
export function isNewEnough() {
  const [major, minor] = process.versions.node.split(".").map(Number)
  return major > 22 || (major === 22 && minor >= 19)
}

/**
 * Finds the Node that builds and runs Nightlight: the pinned one, or this one when it is new enough.
 *
 * @returns Its path, or undefined after saying what is missing.
 */
export function findNode() {
  const pinned = join(bins, "node")
  if (existsSync(pinned)) return pinned
  if (isNewEnough()) return process.execPath
  say(`Node 22.19 or newer is needed and npm brings none for ${process.platform} ${process.arch}: install it, then`)
  say("run this again.")
  return undefined
}
