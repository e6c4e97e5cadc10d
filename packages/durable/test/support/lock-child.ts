/**
 * Takes a lock repeatedly; exits 1 if another process ever held it at the same time: `node lock-child.ts LOCK MARK`.
 */
import { closeSync, openSync, rmSync } from "node:fs"
import { withLock } from "../../src/index.ts"

const [lock = "", mark = ""] = process.argv.slice(2)

async function alone(): Promise<void> {
  closeSync(openSync(mark, "wx"))
  await new Promise((resolve) => setImmediate(resolve))
  rmSync(mark)
}

for (let taken = 0; taken < 30; taken++) await withLock(lock, alone)
