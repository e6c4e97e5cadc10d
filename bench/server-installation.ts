/**
 * A service to measure: real database, lists and custodian, and what counts the time of calls.
 * @module
 */
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { TEST_AUTHORITY } from "@nightlight/dev-env/database/authority"
import type { TestDatabase } from "@nightlight/dev-env/database/postgres"
import { freePort } from "@nightlight/dev-env/machine/free-port"
import { type Installation, makeInstallation } from "@nightlight/dev-env/server/intake"
import { type IntakeSite, makeIntakeSite } from "@nightlight/dev-env/server/intake-site"
import { startPostgres } from "@nightlight/launcher/postgres"
import { migrate } from "../packages/server/src/platform/db/migrate.ts"
import { openDatabase } from "../packages/server/src/platform/db/pool.ts"
import type { BenchRow } from "./row.ts"

/** Makes one, measures, and takes it away. */
export async function withInstallation(
  work: (installation: Installation, site: IntakeSite, port: number) => Promise<BenchRow[]>,
): Promise<BenchRow[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nl-bench-")))
  await using site = await makeIntakeSite()
  const postgres = await startPostgres({ dataDir: folder })
  try {
    await migrate(postgres.owner)
    const database = openDatabase(postgres.app, TEST_AUTHORITY)
    const port = await freePort()
    const installation = await makeInstallation(site, { database } as TestDatabase, {
      ports: [port],
      callsPerMinute: 10_000_000,
    })
    try {
      return await work(installation, site, port)
    } finally {
      await installation.close()
      await database.close()
    }
  } finally {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** How long work took in all, and each piece of it. */
export interface Timing {
  readonly totalMs: number
  readonly eachMs: readonly number[]
}

/** Does work on each item, so many at once; each takes a pause after an item, which does not count as its time. */
export async function all<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
  concurrency: number,
  pauseMs = 0,
): Promise<Timing> {
  const queue = [...items]
  const eachMs: number[] = []
  const started = performance.now()
  const run = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      const began = performance.now()
      await work(item)
      eachMs.push(performance.now() - began)
      if (pauseMs > 0) await wait(pauseMs)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, run))
  return { totalMs: performance.now() - started, eachMs }
}

/** The time that a share of the pieces kept within, milliseconds. */
export function timeOf({ eachMs }: Timing, q: number): number {
  const sorted = eachMs.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
}

/** {@link timeOf} in words. */
export function quantile(timing: Timing, q: number): string {
  return timeOf(timing, q).toFixed(1)
}
