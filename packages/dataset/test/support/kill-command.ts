/**
 * Runs the command, counting what it changes on disk, and dies as by `kill -9` at the step that
 * `NIGHTLIGHT_TEST_KILL_AT` names: `kill-command.ts ARGUMENT...`. The last line on standard error is the count.
 */
import { createRequire, syncBuiltinESMExports } from "node:module"

const killAt = Number(process.env["NIGHTLIGHT_TEST_KILL_AT"])
let steps = 0

/** Makes each call of a function a step, taken before it is done. */
function countCalls(owner: object, name: string): void {
  const original = Reflect.get(owner, name) as (...values: unknown[]) => unknown
  function counted(this: unknown, ...values: unknown[]) {
    if (steps++ === killAt) process.kill(process.pid, "SIGKILL")
    return original.apply(this, values)
  }
  // `promisify` reads from them what a callback is given.
  Reflect.set(owner, name, Object.defineProperties(counted, Object.getOwnPropertyDescriptors(original)))
}

const require = createRequire(import.meta.url)
const promises = require("node:fs/promises") as typeof import("node:fs/promises")
const fs = require("node:fs") as typeof import("node:fs")
const probe = await promises.open(process.execPath, "r")
for (const name of ["write", "sync", "truncate"]) countCalls(Object.getPrototypeOf(probe) as object, name)
await probe.close()
for (const name of ["writeFile", "rename", "rm", "link", "mkdir", "truncate", "unlink", "chmod"]) {
  countCalls(promises, name)
}
for (const name of ["write", "fsync", "mkdirSync", "writeSync", "renameSync", "rmSync", "linkSync", "unlinkSync"]) {
  countCalls(fs, name)
}
syncBuiltinESMExports()

// Only now: what is imported holds the functions as they are at its import.
const { run } = await import("../../../cli/src/main.ts")
process.exitCode = await run(process.argv.slice(2))
process.stderr.write(`\n${steps}`)
