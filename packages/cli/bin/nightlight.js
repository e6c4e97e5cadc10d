#!/usr/bin/env node
// Plain JavaScript that an old Node can parse: on a new enough Node it loads the built command, on an older
// one it runs itself again under the Node that npm installed beside it.
import { spawn } from "node:child_process"
import { existsSync, readdirSync, statSync } from "node:fs"
import module from "node:module"
import { constants } from "node:os"
import { dirname, join } from "node:path"
import { isatty } from "node:tty"
import { fileURLToPath } from "node:url"

const NEEDED = [22, 19]
/** Exit codes of docs/reference/exit-codes.md; the table itself is not built yet when this file runs. */
const WRONG_USE = 2
const INTERNAL = 70
/** Set for the second run: it must not look for a Node again, and must not outlive the first. */
const LAUNCHED = "NIGHTLIGHT_LAUNCHED"
/** Set for the run that replaced the first: it must not replace itself again. */
const CLOSED = "NIGHTLIGHT_CLOSED"
const PASSPHRASE = "NIGHTLIGHT_PASSPHRASE"
/** So long after it the terminal's own signal has reached the run that does the work. */
const AFTER_CTRL_C_MS = 100
const NO_INSPECTOR = "--disable-sigusr1"
/**
 * Memory for young objects, 16 MB from the start: with the 1 MB of V8's own start, a scan stops for them hundreds of
 * times, and one of 5,000 pictures takes about a twentieth longer.
 */
const YOUNG_MEMORY = "--min-semi-space-size=16"
/**
 * Commands that need no passphrase and may run for hours. `guard` and `up`, which run until they are stopped, refuse the
 * variable themselves.
 */
const LONG_WITHOUT_PASSPHRASE = ["scan", "hunt", "purge", "push", "hash", "demo", "conformance"]

const self = fileURLToPath(import.meta.url)
const main = new URL("../dist/main.js", import.meta.url)
/** The same in fewer files, if `scripts/bundle.mjs` wrote it, so that it starts sooner. */
const bundle = new URL("../dist/bundle/main.js", import.meta.url)

function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number)
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])
}

/** Looks in every node_modules above this file, so a clone and an installed package are alike. */
function pinnedNode() {
  const name = `node-${process.platform}-${process.arch}`
  for (let folder = dirname(self); ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node")
    if (existsSync(found)) return found
    if (dirname(folder) === folder) return undefined
  }
}

function stop(status, ...lines) {
  process.stderr.write(`${lines.join("\n")}\n`)
  process.exitCode = status
}

/** A foreign error's message may quote content, so only its kind and our own stack frames are shown. */
function fault(error) {
  const isError = error instanceof Error
  const kind = isError ? [error.name, error.code].filter((part) => typeof part === "string").join(" ") : typeof error
  const frames = isError && error.stack ? error.stack.split("\n").filter((line) => /^\s+at /.test(line)) : []
  process.stderr.write(`nightlight: an internal error (${kind})\n${frames.slice(0, 12).join("\n")}\n`)
  process.exit(INTERNAL)
}

/** Packages of a clone whose sources changed after they were built, as after `git pull` alone. */
function packagesBuiltBefore(packages) {
  return readdirSync(packages).filter((name) => {
    const built = statSync(join(packages, name, "dist/.tsbuildinfo"), { throwIfNoEntry: false })
    if (built === undefined) return false
    const source = join(packages, name, "src")
    return readdirSync(source, { recursive: true }).some(
      (file) => file.endsWith(".ts") && statSync(join(source, file)).mtimeMs > built.mtimeMs,
    )
  })
}

/** Whether nothing of a clone was built or installed after its bundle was written. */
function holdsAll(bundled, packages) {
  const contents = readdirSync(packages).map((name) => join(packages, name, "dist/.tsbuildinfo"))
  return contents.concat(join(packages, "../node_modules/.package-lock.json")).every((path) => {
    const changed = statSync(path, { throwIfNoEntry: false })
    return changed === undefined || changed.mtimeMs <= bundled.mtimeMs
  })
}

function load() {
  const isClone = existsSync(fileURLToPath(new URL("../src/main.ts", import.meta.url)))
  if (!existsSync(fileURLToPath(main))) {
    const how = isClone ? "Run `npm run build` in the clone, or `npm run quickstart` once." : "Install it again."
    stop(WRONG_USE, "nightlight: the command is not built.", how)
    return
  }
  const packages = fileURLToPath(new URL("../..", import.meta.url))
  const changed = isClone ? packagesBuiltBefore(packages) : []
  if (changed.length > 0) {
    const what = `nightlight: the sources of ${changed.join(", ")} are newer than what was built of them.`
    stop(WRONG_USE, what, "Run `npm ci && npm run build` in the clone.")
    return
  }
  process.on("uncaughtException", fault)
  // Compiled once, not at every start. Beside the code itself: whoever can write there can change the code anyway. Where
  // nobody can, it changes nothing.
  if (typeof module.enableCompileCache === "function") {
    module.enableCompileCache(fileURLToPath(new URL("../dist/.compile-cache", import.meta.url)))
  }
  const bundled = statSync(fileURLToPath(bundle), { throwIfNoEntry: false })
  const isBundled = bundled !== undefined && (!isClone || holdsAll(bundled, packages))
  import((isBundled ? bundle : main).href)
    .then((command) => command.run(process.argv.slice(2)))
    .then((status) => {
      process.exitCode = status
    })
    .catch(fault)
}

/** The first run may be killed with no chance to forward it: its end of the channel closes, and so do we. */
function followLauncher() {
  delete process.env[LAUNCHED]
  if (process.channel === undefined || process.channel === null) return
  process.once("disconnect", () => process.kill(process.pid, "SIGKILL"))
  // Whoever handled the terminal's own signal listens no more.
  process.on("message", (signal) => signal === "SIGINT" && process.emit(signal, signal))
  process.channel.unref()
}

function runUnder(node) {
  let child
  // An old Node would open the inspector: a signal that has a listener does not.
  process.on("SIGUSR1", () => {})
  // Before there is a child: its first word may be answered by a signal at once.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both runs: a second signal would end the other one at once, a message does not.
      if (signal === "SIGINT" && isatty(0)) {
        setTimeout(() => child.connected && child.send(signal), AFTER_CTRL_C_MS)
        return
      }
      child.kill(signal)
    })
  }
  child = spawn(node, [NO_INSPECTOR, YOUNG_MEMORY, self, ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: environment({ [LAUNCHED]: "1" }),
  })
  child.on("error", () => stop(WRONG_USE, `nightlight: cannot start ${node}`))
  child.on("exit", (status, signal) => {
    process.exitCode = status === null ? 128 + constants.signals[signal] : status
    // Handlers of signals and the channel would keep an old Node waiting.
    process.exit()
  })
}

/** The command's name: the first argument that is no option of the program. */
function commandName() {
  const args = process.argv.slice(2)
  for (let at = 0; at < args.length; at++) {
    if (args[at] === "--workspace") at++
    else if (args[at].charAt(0) !== "-") return args[at]
  }
  return undefined
}

/** Whether the passphrase would only lie in the environment, to be read there as long as the command runs. */
function holdsPassphraseForNothing() {
  return process.env[PASSPHRASE] !== undefined && LONG_WITHOUT_PASSPHRASE.indexOf(commandName()) >= 0
}

/** The environment of the run that does the work. */
function environment(more) {
  const env = { ...process.env, ...more }
  if (holdsPassphraseForNothing()) delete env[PASSPHRASE]
  return env
}

/**
 * Replaces this process by itself with the inspector's signal switched off, because otherwise any process of the same
 * user could open the inspector by it, and with memory for young objects.
 */
function runClosed() {
  const flags = process.execArgv.concat(NO_INSPECTOR, YOUNG_MEMORY)
  process.execve(
    process.execPath,
    [process.execPath].concat(flags, self, process.argv.slice(2)),
    environment({ [CLOSED]: "1" }),
  )
}

/** Whether Node can replace a process, knows the flag, and was not started with it. */
function isOpen() {
  if (process.execArgv.indexOf(NO_INSPECTOR) >= 0) return false
  return typeof process.execve === "function" && process.allowedNodeEnvironmentFlags.has(NO_INSPECTOR)
}

const launched = process.env[LAUNCHED] !== undefined
if (launched) followLauncher()
const isReplaced = process.env[CLOSED] !== undefined
delete process.env[CLOSED]
if (isNewEnough(process.versions.node)) {
  if (!isReplaced && isOpen()) runClosed()
  load()
} else {
  const node = launched ? undefined : pinnedNode()
  if (node !== undefined && holdsPassphraseForNothing()) {
    // This Node cannot replace itself: it stays beside the run that does the work, with the environment it was given.
    stop(
      WRONG_USE,
      `nightlight: ${commandName()} needs no passphrase, and ${PASSPHRASE} could be read as long as it runs.`,
      `Run it by \`env -u ${PASSPHRASE} nightlight ${commandName()} ...\`, or install Node ${NEEDED.join(".")} or newer.`,
    )
  } else if (node !== undefined) runUnder(node)
  else {
    stop(
      WRONG_USE,
      `nightlight: needs Node ${NEEDED.join(".")} or newer; this is ${process.versions.node}.`,
      "Install it, or run `npm install` where nightlight lies: on Linux x64 it brings its own.",
    )
  }
}
