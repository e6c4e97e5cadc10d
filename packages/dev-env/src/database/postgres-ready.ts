import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { PoolConfig } from "pg"

/** The migrated database that each test file's own is copied from. */
export const TEMPLATE = "nightlight_template"

/** What the keeper tells the test files, in `ready.json` of its folder. */
export interface Ready {
  readonly owner: PoolConfig
  readonly app: PoolConfig
  readonly superuser: PoolConfig
  /** Why the template has no schema, if so. */
  readonly failure?: string
}

/** Reads what the keeper wrote; `undefined` while it is not there. */
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
