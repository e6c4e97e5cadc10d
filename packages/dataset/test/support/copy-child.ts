/**
 * Copies a dataset in a process of its own: `copy-child.ts INPUT OUT [KILL_AT]`. Counts what it does to files and, at
 * the step asked for, dies as by `kill -9`. Prints `{"steps": N}` or `{"code": "..."}`.
 */
import { createRequire, syncBuiltinESMExports } from "node:module"
import { planDataset } from "../../src/plan/plan-dataset.ts"
import { copyDataset } from "./copying.ts"

const [input = "", out = "", killAt] = process.argv.slice(2)
let steps = 0

function step(): void {
  if (steps++ === Number(killAt)) process.kill(process.pid, "SIGKILL")
}

/** Makes each call of a function a step, taken before it is done. */
function countCalls(owner: object, name: string): void {
  const original = Reflect.get(owner, name) as (...values: unknown[]) => unknown
  Reflect.set(owner, name, function counted(this: unknown, ...values: unknown[]) {
    step()
    return original.apply(this, values)
  })
}

const promises = createRequire(import.meta.url)("node:fs/promises") as typeof import("node:fs/promises")
const probe = await promises.open(process.execPath, "r")
for (const name of ["write", "sync"]) countCalls(Object.getPrototypeOf(probe) as object, name)
await probe.close()
for (const name of ["open", "rename", "rm"]) countCalls(promises, name)
syncBuiltinESMExports()

const plan = await planDataset([input], {}, new AbortController().signal)
try {
  await copyDataset(plan, out, (item) => !item.place.includes("withheld"))
  process.stdout.write(JSON.stringify({ steps }))
} catch (error) {
  process.stdout.write(JSON.stringify({ code: (error as { code?: string }).code }))
}
