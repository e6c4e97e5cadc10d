/**
 * The side of a guard that callers come to: its listener and the checks in force behind it.
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

/** How the checks in force stand. */
export interface FrontState {
  readonly checks: readonly CheckState[]
  /** Names of checks that could not work when they were asked last. */
  readonly unready: readonly string[]
  /** Whether callers can be served: no check is down that must speak, and no worker is missing. */
  readonly canServe: boolean
  /** Codes of what is wrong with the processes themselves. */
  readonly faults: readonly string[]
  /** Where several processes take calls: how many there are to be, and how many there are. */
  readonly workers?: { readonly configured: number; readonly ready: number }
}

/** The callers' side, in this process or in several. */
export interface Front {
  readonly port: number
  /** Asks how every process stands, so that {@link state} says what is true now. Never rejects. */
  refresh(): Promise<void>
  state(): FrontState
  /**
   * Has a changed configuration loaded everywhere; it is in force nowhere yet.
   *
   * @throws {RequestError} `config_invalid`, and others, where one process cannot: then none will take it.
   */
  prepare(files: ConfigFiles): Promise<void>
  /** Puts in force everywhere what was prepared. Never rejects. */
  commit(): Promise<void>
  /** The measures of all processes together. */
  measures(): Promise<Registry>
  /** Takes nothing new, lets what is under way end, at most so long. */
  close(graceMs: number): Promise<void>
}

/** The configuration in force, and where to listen. */
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
      // A connection that was busy at the start of the drain becomes idle later: nobody else closes it then.
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
