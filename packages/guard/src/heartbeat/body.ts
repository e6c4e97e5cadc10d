/**
 * The body of a heartbeat: the content of `/readyz`, without text that people wrote into the configuration.
 * @module
 */
import type { GuardHeartbeat, GuardSurface, SharedListCoverage } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { ListInfo, Policy } from "@nightlight/screening"
import type { z } from "zod"
import type { Readiness } from "../admin/admin-server.ts"
import type { CoveredSurface } from "../engine/coverage.ts"
import type { LiveLists } from "../lists/live-lists.ts"
import { VERSION } from "../version.ts"

/** Functions that read the guard's state. */
export interface HeartbeatSources {
  /** `guard-<uuid>`. */
  readonly instance: string
  readonly startedAt: Date
  readonly readiness: () => Readiness
  /** The counts of all processes so far. */
  readonly counts: () => Promise<GuardHeartbeat["counts"]>
  readonly lists: Pick<LiveLists, "use">
  readonly policy: Pick<Policy, "name" | "digest">
}

/** Makes a function that reads the state of the guard now. */
export function createHeartbeatBody(sources: HeartbeatSources): () => Promise<Omit<GuardHeartbeat, "state">> {
  const { instance, startedAt, readiness, counts, lists, policy } = sources
  return async () => {
    const { ready, faults, config, isolation, incidents, surfaces, lists: state } = readiness()
    const live = await lists.use(async (index) => index.lists).catch((): readonly ListInfo[] => [])
    return {
      instance,
      version: VERSION,
      startedAt: startedAt.toISOString(),
      ready,
      config,
      isolation,
      faults: faults.slice(0, MAX_FAULTS),
      policy: { name: policy.name, digest: policy.digest },
      lists: compact({
        indexVersion: state.version,
        screens: state.screens,
        lists: live.map(toCoverage),
      }),
      surfaces: surfaces.map(toSurface),
      counts: await counts(),
      spool: compact({
        records: incidents.spooled,
        accepting: incidents.accepting,
        fault: incidents.fault,
      }),
    }
  }
}

const MAX_FAULTS = 100

function toCoverage({ name, trust, snapshot, radiusBits, asOf, counts }: ListInfo): z.infer<typeof SharedListCoverage> {
  const entries = counts.md5 + counts.sha1 + counts.sha256 + counts.pdq + counts.url
  return compact({ name, trust, snapshot, radiusBits, entries, asOf })
}

/** Who approved an exception, and why, stays in the configuration. */
function toSurface({ surface, checks, screened, exception }: CoveredSurface): GuardSurface {
  const excusedUntil = exception === undefined ? undefined : new Date(exception.until).toISOString()
  return { surface, checks: [...checks], screened, ...compact({ excusedUntil }) }
}
