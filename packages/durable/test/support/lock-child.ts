/** Takes a lock again and again; exits 1 when it ever was not alone: `node lock-child.ts LOCK MARK`. */
import { closeSync, openSync, rmSync } from "node:fs"
import { withLock } from "../../src/index.ts"

const [lock = "", mark = ""] = process.argv.slice(2)

async function alone(): Promise<void> {
  closeSync(openSync(mark, "wx"))
  await new Promise((resolve) => setImmediate(resolve))
  rmSync(mark)
}

for (let taken = 0; taken < 30; taken++) await withLock(lock, alone)
