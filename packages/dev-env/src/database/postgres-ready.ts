import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { PoolConfig } from "pg"

/** The migrated database from which each test file's database is copied. */
export const TEMPLATE = "nightlight_template"

/** The keeper's message to the test files, in `ready.json` of its folder. */
export interface Ready {
  readonly owner: PoolConfig
  readonly app: PoolConfig
  readonly superuser: PoolConfig
  /** Reason why the template has no schema. */
  readonly failure?: string
}

/** Reads the keeper's message; `undefined` before it is written. @throws {Error} if the server did not start. */
export async function readReady(folder: string): Promise<Ready | undefined> {
  try {
    const ready = JSON.parse(await readFile(join(folder, "ready.json"), "utf8")) as Ready
    if (ready.failure !== undefined) throw new Error(`the test server did not start: ${ready.failure}`)
    return ready
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return undefined
    throw error
  }
}
