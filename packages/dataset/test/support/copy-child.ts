/**
 * Copies a dataset in a process of its own: `copy-child.ts INPUT OUT [KILL_AT]`. Counts what it does to files and, at
 * the step asked for, dies as by `kill -9`. Prints `{"steps": N}` or `{"code": "..."}`.
 */
import { createRequire, syncBuiltinESMExports } from "node:module"

const [input = "", out = "", killAt] = process.argv.slice(2)
let steps = 0

function step(): void {
  if (steps++ === Number(killAt)) process.kill(process.pid, "SIGKILL")
}

/** Makes each call of a function a step, taken before it is done. */
function countCalls(owner: object, name: string): void {
  const original = Reflect.get(owner, name) as (...values: unknown[]) => unknown
  // A proxy and not a function: `promisify` looks for a property of the original.
  const counted = new Proxy(original, {
    apply(target, self, values) {
      step()
      return Reflect.apply(target, self, values)
    },
  })
  Reflect.set(owner, name, counted)
}

const fs = createRequire(import.meta.url)("node:fs") as typeof import("node:fs")
for (const name of ["open", "writeSync", "write", "fsync", "rename", "mkdirSync", "rmSync"]) countCalls(fs, name)
syncBuiltinESMExports()

// Loaded only now: a module keeps the functions that it finds.
const { planDataset } = await import("../../src/plan/plan-dataset.ts")
const { copyDataset } = await import("./copying.ts")
const plan = await planDataset([input], {}, new AbortController().signal)
try {
  await copyDataset(plan, out, (item) => !item.place.includes("withheld"))
  process.stdout.write(JSON.stringify({ steps }))
} catch (error) {
  process.stdout.write(JSON.stringify({ code: (error as { code?: string }).code }))
}
