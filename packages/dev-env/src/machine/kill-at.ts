/**
 * Loaded first into a child process (`node --import`). Kills it by SIGKILL at its n-th file system operation; a write
 * is cut in the middle.
 * @module
 */
import fs from "node:fs/promises"
import { syncBuiltinESMExports } from "node:module"

const killAt = Number(process.env["KILL_AT"] ?? Number.POSITIVE_INFINITY)
const when = process.env["KILL_WHEN"] ?? "before"
let count = 0

function die(): never {
  process.kill(process.pid, "SIGKILL")
  // Blocks until the signal arrives, so that nothing else happens.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  throw new Error("unreachable")
}

// biome-ignore lint/suspicious/noExplicitAny: it wraps whatever it finds
type Any = any

function wrap(target: Any, name: string): void {
  const real: Any = target[name]
  target[name] = async function wrapped(this: unknown, ...args: Any[]) {
    const mine = ++count === killAt
    if (mine && when === "before") die()
    if (mine && when === "middle" && name === "write" && args[0] instanceof Uint8Array) {
      const bytes = args[0].subarray(args[1] ?? 0)
      await real.call(this, bytes, 0, Math.floor(bytes.length / 2))
      die()
    }
    try {
      return await real.apply(this, args)
    } finally {
      if (mine) die()
    }
  }
}

if (Number.isFinite(killAt)) {
  const handle = await fs.open("/dev/null", "r")
  for (const name of ["write", "sync", "truncate", "close"]) wrap(Object.getPrototypeOf(handle), name)
  await handle.close()
  count = 0
  for (const name of ["open", "rename", "link", "rm", "truncate", "writeFile", "mkdir"]) wrap(fs, name)
  syncBuiltinESMExports()
}
