/**
 * The callers' side of a guard: its listener and the checks in force behind it.
 * @module
 */
import type { Registry } from "prom-client"
import { type CheckState, canSpeak, checkStates, watchChecks } from "../admin/check-watch.ts"
import type { LoadedConfig } from "../config/load.ts"
import type { ConfigFiles } from "../files/config-files.ts"
import type { Running, Services } from "../running/running.ts"
import { buildApp } from "./app.ts"
import { listenApp, type Place } from "./listen.ts"
import { upstreamHeadersFor } from "./upstream-headers.ts"

/** State of the callers' side. */
export interface FrontState {
  readonly checks: readonly CheckState[]
  /** Names of the checks that could not work when last asked. */
  readonly unready: readonly string[]
  /** Whether callers can be served: no required check is down, and no worker is missing. */
  readonly canServe: boolean
  /** Codes of faults of the processes themselves. */
  readonly faults: readonly string[]
  /** With several processes: how many are configured and how many are ready. */
  readonly workers?: { readonly configured: number; readonly ready: number }
}

/** The callers' side, in this process or in several. */
export interface Front {
  readonly port: number
  /** Asks every process for its state, so that {@link state} is current. Never rejects. */
  refresh(): Promise<void>
  state(): FrontState
  /**
   * Loads a changed configuration in every process; it is not in force yet.
   *
   * @throws {RequestError} `config_invalid`, and others, where one process cannot load it: then none will use it.
   */
  prepare(files: ConfigFiles): Promise<void>
  /** Puts the prepared configuration in force everywhere. Never rejects. */
  commit(): Promise<void>
  /** The metrics of all processes together. */
  measures(): Promise<Registry>
  /** Accepts no new calls and waits at most this long for those in progress. */
  close(graceMs: number): Promise<void>
}

/** The configuration in force, and the address to listen on. */
export interface FrontDeps {
  readonly current: () => Running
  readonly loaded: () => LoadedConfig
  readonly services: Services
  readonly place: Place
}

/** Listens for callers in this process. @throws {DependencyError} `unavailable` when the port is taken. */
export async function openFront({ current, loaded, services, place }: FrontDeps): Promise<Front> {
  const { limits } = loaded().config
  const app = buildApp({
    current,
    services,
    upstreamHeaders: (headers, dialect) => {
      const { config, upstreamKey } = loaded()
      return upstreamHeadersFor(config.upstream.auth, upstreamKey, headers, dialect)
    },
    maxRequestBytes: limits.requestBytes,
    bodyMs: limits.bodySeconds * 1000,
  })
  const port = await listenApp(app, place)
  const watch = watchChecks(() => current().setup.checks)
  return {
    port,
    refresh: async () => {},
    state: () => {
      const { checks } = current().setup
      return {
        checks: checkStates(checks),
        unready: watch.unready(),
        canServe: canSpeak(checks, services.clock.now()),
        faults: [],
      }
    },
    prepare: async () => {},
    commit: async () => {},
    measures: async () => services.metrics.registry,
    close: async (graceMs) => {
      // A connection that was busy when the drain began becomes idle later, and nothing else closes it then.
      const idle = setInterval(() => app.server.closeIdleConnections(), 50)
      const cut = setTimeout(() => app.server.closeAllConnections(), graceMs)
      try {
        await app.close()
      } finally {
        clearInterval(idle)
        clearTimeout(cut)
        watch.close()
      }
    },
  }
}
