import { createServer } from "node:net"
import { compact, DependencyError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { type Admin, startAdmin } from "../../oversight/health/admin.ts"
import { createMetrics, type Metrics } from "../../oversight/health/metrics.ts"
import { readBackupTimes } from "../../oversight/operations/watch-backups.ts"
import { readServerConfig } from "../../platform/config/read.ts"
import { readCopyLags } from "../../platform/events/copies/lag.ts"
import { copyPlaces } from "../../platform/events/copies/places.ts"
import { createLog } from "../../platform/log.ts"
import { buildApp } from "../build-app.ts"
import { type Context, createContext } from "../context.ts"
import { writeProcessLine } from "./run-main.ts"
import type { Start } from "./start-line.ts"

/**
 * Serves until it must stop, then answers what is under way and closes everything.
 *
 * @throws {DependencyError} `unavailable` if the port is taken.
 */
export async function runServer(start: Start): Promise<void> {
  const { config, paths } = await readServerConfig(start.configPath)
  const log = createLog({ process: "server", level: config.log.level })
  const port = await chosenPort(start.port ?? config.listen.port, config.listen.host)
  const context = await createContext(
    compact({
      config,
      paths,
      database: start.database,
      port,
      log,
      consoleDir: start.consoleDir,
    }),
  )
  const metrics = createMetrics()
  for (const measure of context.features.flatMap(({ measures = [] }) => measures)) metrics.addGauge(measure)
  const { limits, listen: listenAs } = config
  const app = await buildApp({ ...context, limits, metrics, trustedProxies: listenAs.trustedProxies })
  let admin: Admin | undefined
  try {
    const listening = await listen(app, config.listen.host, port)
    admin = await openAdmin(context, metrics, start.adminPort === undefined ? config.admin.port : start.adminPort)
    log.info({ port: listening }, "listening")
    writeProcessLine(
      compact({
        event: "ready",
        port: listening,
        adminPort: admin ? admin.port : undefined,
      }),
    )
    await untilAborted(start.signal)
    log.info("stopping")
  } finally {
    await admin?.close()
    await app.close()
    await context.close()
  }
  log.info("stopped")
}

/** Origins contain the port, so a port that the system is to choose is chosen first. */
async function chosenPort(port: number, host: string): Promise<number> {
  if (port !== 0) return port
  const probe = createServer()
  await new Promise<void>((resolve, reject) => probe.once("error", reject).listen(0, host, resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === "object" && address !== null ? address.port : port
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw listenError(error)
  }
  const address = app.server.address()
  return typeof address === "object" && address !== null ? address.port : port
}

function openAdmin(context: Context, metrics: Metrics, port: number | null): Promise<Admin | undefined> {
  if (port === null) return Promise.resolve(undefined)
  const { clock, config, database, tasks } = context
  const places = copyPlaces(context)
  const detail = async () => ({
    ...(await context.health()),
    checkpointCopies: await readCopyLags({ db: database.kysely, clock, places }).catch(() => undefined),
    backup: await readBackupTimes(context.database.kysely).catch(() => undefined),
    tasksOpen: await tasks.open(1000).then(
      (open) => open.length,
      () => -1,
    ),
    connections: { open: database.pool.totalCount, idle: database.pool.idleCount, waiting: database.pool.waitingCount },
    uptimeSeconds: Math.round(process.uptime()),
    residentBytes: process.memoryUsage.rss(),
  })
  return startAdmin({ host: config.admin.host, port, metrics, detail }).catch((error: unknown) => {
    throw listenError(error)
  })
}

/** The system's own message names the operator's addresses; the code is enough. */
function listenError(error: unknown): DependencyError {
  const code = String((error as { readonly code?: unknown }).code)
  const words = code === "EADDRINUSE" ? "another program listens on the port" : `the port cannot be opened (${code})`
  return new DependencyError("unavailable", words, { hint: "Choose another: --port, or listen.port in server.yaml." })
}

/** Resolves when the process is to stop. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }))
}
