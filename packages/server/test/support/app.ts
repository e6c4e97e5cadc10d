import type { Clock } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { buildApp } from "../../src/app/build-app.ts"
import type { Metrics } from "../../src/oversight/health/metrics.ts"
import type { RightsWatch } from "../../src/platform/auth/rights-watch.ts"
import type { DiskSpace } from "../../src/platform/db/disk-space.ts"
import type { Authenticate, Feature } from "../../src/platform/feature.ts"
import type { CallerLimits } from "../../src/platform/http/caller-limits.ts"
import { createLog } from "../../src/platform/log.ts"

/** The lines that a log wrote. */
export interface Written {
  readonly lines: string[]
  readonly write: (line: string) => void
}

/** Collects a log. */
export function collectLog(): Written {
  const lines: string[] = []
  return { lines, write: (line) => void lines.push(line) }
}

export interface TestAppOptions {
  readonly features?: readonly Feature[]
  readonly routes?: (app: FastifyInstance) => void
  readonly authenticate?: Authenticate
  readonly origins?: readonly string[]
  readonly destination?: Written
  readonly trustedProxies?: readonly string[]
  readonly metrics?: Metrics
  readonly rights?: RightsWatch
  readonly disk?: Pick<DiskSpace, "note" | "assertRoom">
  readonly clock?: Clock
  readonly limits?: CallerLimits
}

/** The application around routes of a test's own, as `http://localhost`. */
export async function testApp({
  features = [],
  routes,
  authenticate = async () => undefined,
  origins = ["http://localhost"],
  destination = collectLog(),
  trustedProxies = [],
  ...given
}: TestAppOptions): Promise<FastifyInstance> {
  const log = createLog({ process: "test", level: "debug", destination })
  const own = routes === undefined ? [] : [{ name: "test", routes }]
  const app = await buildApp({
    ...given,
    origins,
    log,
    authenticate,
    features: [...features, ...own],
    trustedProxies,
  })
  await app.ready()
  return app
}
