import { setTimeout as wait } from "node:timers/promises"
import { DependencyError } from "@nightlight/core"
import { watchDatabase } from "../../oversight/audit/verify-regularly.ts"
import { watchNotices } from "../../oversight/restores/send-notices.ts"
import { readServerConfig } from "../../platform/config/read.ts"
import { makeCheckpoint, watchLog } from "../../platform/events/checkpoint.ts"
import { startWorker, type Worker } from "../../platform/jobs/registry.ts"
import { createLog } from "../../platform/log.ts"
import { type Context, createContext } from "../context.ts"
import { writeProcessLine } from "./run-main.ts"
import { untilAborted } from "./run-server.ts"
import type { Start } from "./start-line.ts"

const RETRY_MS = 500

/** Runs jobs until it must stop, finishes those under way, and has the log signed a last time. */
export async function runWorker(start: Start): Promise<void> {
  const { config, paths } = await readServerConfig(start.configPath)
  const log = createLog({ process: "worker", level: config.log.level })
  const context = await createContext({ config, paths, database: start.database, log })
  try {
    const worker = await startWhenReady(context, start)
    if (worker === undefined) return
    log.info("started")
    writeProcessLine({ event: "ready" })
    const checkpoints = { db: context.database.kysely, custodian: context.custodian, log }
    const unwatch = watchLog(checkpoints)
    const unwatchDatabase = watchDatabase(context.verification, log)
    const unwatchNotices = watchNotices({ db: context.database.kysely, custodian: context.custodian })
    await untilAborted(start.signal)
    log.info("draining")
    unwatch()
    unwatchDatabase()
    unwatchNotices()
    await worker.stop()
    await makeCheckpoint(checkpoints).catch(() => log.warn("checkpoint not made"))
  } finally {
    await context.close()
  }
  log.info("stopped")
}

/** Waits while the database is starting or being migrated. */
async function startWhenReady({ features, log, tasks }: Context, start: Start): Promise<Worker | undefined> {
  const jobs = features.flatMap((feature) => feature.jobs ?? [])
  for (let told = false; !start.signal.aborted; told = true) {
    try {
      return await startWorker({
        database: start.database,
        jobs,
        log,
        leaveToPerson: (failed) => tasks.leaveJob(failed),
      })
    } catch (error) {
      if (!(error instanceof DependencyError)) throw error
      if (!told) log.warn({ code: error.code }, "worker waits for the database")
      await wait(RETRY_MS, undefined, { signal: start.signal }).catch(() => undefined)
    }
  }
  return undefined
}
