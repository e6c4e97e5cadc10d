/**
 * A worker of a guard: it handles callers, patterns, classifiers, streams and the upstream, and asks the first process
 * for everything else.
 * @module
 */
import { compact, DependencyError, systemClock } from "@nightlight/core"
import { createMetrics } from "../admin/metrics.ts"
import { type LoadedConfig, loadConfig } from "../config/load.ts"
import { readFrom } from "../files/config-files.ts"
import { type Front, openFront } from "../http/front.ts"
import { createRemoteContent } from "../remote/egress.ts"
import { type Running, type Services, startRunning } from "../running/running.ts"
import { openConfiguredUpstream } from "../upstream/pool.ts"
import { createRemoteMatch, createRemotePorts, type ListsKnown } from "./ask-first.ts"
import type { Answers, Peer } from "./peer.ts"
import type { AskedByFirst, AskedByWorkers, WorkerStart, WorkerState } from "./questions.ts"

interface AtWork {
  readonly start: WorkerStart
  readonly services: Services
  readonly front: Front
  loaded: LoadedConfig
  running: Running
}

/** A worker's answers to the first process. */
export function createWorker(first: () => Peer<AskedByWorkers>): Answers<AskedByFirst> {
  const lists: ListsKnown = { screens: false }
  let work: AtWork | undefined
  let prepared: LoadedConfig | undefined
  /** Counts the questions about a configuration, so that one loaded for an older question is not used. */
  let turn = 0

  function load({ configPath, files }: Pick<WorkerStart, "configPath" | "files">): Promise<LoadedConfig> {
    const hashMatch = (check: { readonly name: string; readonly deadlineMs: number }) =>
      createRemoteMatch(check, first(), lists)
    return loadConfig(configPath, { hashMatch, readText: readFrom(files) }, systemClock.now())
  }

  async function start(given: WorkerStart): Promise<AtWork> {
    lists.screens = given.screens
    const loaded = await load(given)
    const metrics = createMetrics()
    const upstream = openConfiguredUpstream(new URL(given.upstreamUrl), loaded.config.upstream, given.workers)
    metrics.watch("upstream_waiting", "Calls that wait for a connection to the upstream", () => upstream.waiting())
    const services: Services = {
      ...createRemotePorts(first(), lists),
      upstream,
      metrics,
      clock: systemClock,
      ...compact({ remote: given.followsLinks ? createRemoteContent() : undefined }),
    }
    const state = { loaded, running: startRunning(loaded.setup, services) }
    const front = await openFront({
      current: () => (work ?? state).running,
      loaded: () => (work ?? state).loaded,
      services,
      place: given.place,
    })
    return { ...state, start: given, services, front }
  }

  async function readState(): Promise<WorkerState> {
    const { front, running, services } = atWork()
    const measures = await services.metrics.registry.getMetricsAsJSON()
    return { ...front.state(), config: running.setup.version, measures }
  }

  function atWork(): AtWork {
    if (work === undefined) throw new DependencyError("unavailable", "the worker has not started")
    return work
  }

  function forget(): void {
    turn++
    for (const check of prepared?.setup.checks ?? []) check.close?.().catch(() => undefined)
    prepared = undefined
  }

  return {
    start: async (given) => {
      work = await start(given)
      return readState()
    },
    prepare: async ({ files, screens }) => {
      forget()
      const own = turn
      lists.screens = screens
      const loaded = await load({ configPath: atWork().start.configPath, files })
      if (own !== turn) throw new DependencyError("unavailable", "the configuration was replaced by a newer one")
      prepared = loaded
      return null
    },
    commit: () => {
      const now = atWork()
      if (prepared === undefined) throw new DependencyError("unavailable", "no configuration is prepared")
      const before = now.running
      now.loaded = prepared
      now.running = startRunning(prepared.setup, now.services)
      prepared = undefined
      before.retire()
      return readState()
    },
    abandon: () => {
      forget()
      return null
    },
    state: readState,
    drain: async ({ graceMs }) => {
      await atWork().front.close(graceMs)
      return readState()
    },
  }
}
