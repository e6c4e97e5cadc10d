/**
 * The workers of a guard: as many as configured, replaced when one dies, under one configuration.
 * @module
 */

import type { AddressInfo } from "node:net"
import { createServer } from "node:net"
import { DependencyError } from "@nightlight/core"
import type { Registry } from "prom-client"
import type { ConfigFiles } from "../files/config-files.ts"
import type { Front } from "../http/front.ts"
import { type Place, portTaken } from "../http/listen.ts"
import { keptOf, sumMeasures } from "./measures.ts"
import { forkMember, type Member } from "./member.ts"
import type { Answers } from "./peer.ts"
import { stateOf } from "./pool-state.ts"
import type { AskedByWorkers, Measures, WorkerStart } from "./questions.ts"

/** The workers' number, configuration and services. */
export interface PoolOptions {
  readonly count: number
  readonly answers: Answers<AskedByWorkers>
  /** The configuration in force at the start. */
  readonly files: ConfigFiles
  readonly place: Place
  readonly start: Pick<WorkerStart, "configPath" | "upstreamUrl" | "followsLinks">
  /** Whether a list that is not a test list is live. */
  readonly screens: () => boolean
  readonly onAlarm: (code: string) => void
  /** The first process's own metrics. */
  readonly registry: Registry
}

const START_MS = 60_000
const PREPARE_MS = 30_000
const COMMIT_MS = 5_000
const STATE_MS = 2_000
const CHECK_EVERY_MS = 1_000
/** A worker silent for this long is ended. */
const GIVE_UP_MS = 60_000
/** Milliseconds beyond the time that calls in progress are given. */
const DRAIN_EXTRA_MS = 10_000
/** Milliseconds between two attempts to replace a worker: at first, and at most. */
const RETRY_MS = 200
const MAX_RETRY_MS = 10_000
/** A worker that lived for less is replaced only after a pause. */
const SHORT_LIFE_MS = 5_000

/**
 * Starts the workers; they share one port.
 *
 * @throws {DependencyError} `unavailable` when the port is taken or a worker does not start; and what a worker threw.
 */
export async function openPool(options: PoolOptions): Promise<Front> {
  const { count, answers, onAlarm, screens } = options
  const place = { host: options.place.host, port: await freePort(options.place) }
  const members = new Set<Member>()
  const timers = new Set<NodeJS.Timeout>()
  let inForce = options.files
  let pending: { readonly files: ConfigFiles; readonly prepared: ReadonlySet<Member> } | undefined
  let kept: Measures = []
  let isClosing = false

  const ready = () => [...members].filter(({ isReady }) => isReady)
  const measuresOf = (all: readonly Member[]) =>
    all.flatMap(({ state }) => (state === undefined ? [] : [state.measures]))

  async function startOne(): Promise<void> {
    const member = forkMember(answers)
    members.add(member)
    void member.ended.then(() => onGone(member))
    const files = inForce
    try {
      const given = { ...options.start, files, place, workers: count, screens: screens() }
      const state = await member.peer.ask("start", given, { timeoutMs: START_MS })
      // The configuration changed while it started.
      if (files !== inForce || isClosing) throw new DependencyError("unavailable", "a worker started too late")
      member.state = state
      member.seenAt = member.readyAt = performance.now()
      member.isReady = true
    } catch (error) {
      member.kill()
      await member.ended
      throw error
    }
  }

  async function onGone(member: Member): Promise<void> {
    members.delete(member)
    const wasReady = member.readyAt > 0
    if (!isClosing && wasReady) {
      onAlarm("worker_lost")
      replace(performance.now() - member.readyAt < SHORT_LIFE_MS ? RETRY_MS : 0)
    }
    if (member.state !== undefined) kept = await keptOf([kept, member.state.measures])
  }

  function replace(afterMs: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      if (isClosing) return
      startOne().catch(() => {
        if (isClosing) return
        onAlarm("worker_not_started")
        replace(Math.min(MAX_RETRY_MS, Math.max(RETRY_MS, afterMs * 2)))
      })
    }, afterMs)
    timers.add(timer)
  }

  function ask(member: Member): Promise<void> {
    member.asking ??= member.peer
      .ask("state", null, { timeoutMs: STATE_MS })
      .then((state) => {
        member.state = state
        member.seenAt = performance.now()
      })
      .catch(() => {
        if (performance.now() - member.seenAt > GIVE_UP_MS) member.kill()
      })
      .finally(() => delete member.asking)
    return member.asking
  }

  const refresh = async (): Promise<void> => void (await Promise.all(ready().map(ask)))

  async function endAll(): Promise<void> {
    isClosing = true
    clearInterval(checking)
    for (const timer of timers) clearTimeout(timer)
    for (const member of members) member.kill()
    await Promise.all(Array.from(members, ({ ended }) => ended))
  }

  const checking = setInterval(() => void refresh(), CHECK_EVERY_MS)
  checking.unref()
  const started = await Promise.allSettled(Array.from({ length: count }, startOne))
  const failed = started.find((one) => one.status === "rejected")
  if (failed !== undefined) {
    await endAll()
    throw failed.reason
  }
  return {
    port: place.port,
    refresh,
    state: () => stateOf(ready(), count),
    prepare: async (files) => {
      const asked = ready()
      const given = { files, screens: screens() }
      const told = await Promise.allSettled(
        asked.map((member) => member.peer.ask("prepare", given, { timeoutMs: PREPARE_MS })),
      )
      const prepared = new Set(asked.filter((_, index) => told[index]?.status === "fulfilled"))
      // A worker that died meanwhile refused nothing; its replacement begins with the configuration in force then.
      const refusal = told.find((one, index) => one.status === "rejected" && asked[index]?.isGone === false)
      if (refusal?.status === "rejected") {
        await Promise.allSettled(asked.map((member) => member.peer.ask("abandon", null, { timeoutMs: COMMIT_MS })))
        throw refusal.reason
      }
      pending = { files, prepared }
    },
    commit: async () => {
      if (pending === undefined) return
      const { files, prepared } = pending
      pending = undefined
      inForce = files
      await Promise.all(
        ready().map(async (member) => {
          try {
            if (!prepared.has(member)) throw new DependencyError("unavailable", "a worker started during the change")
            member.state = await member.peer.ask("commit", null, { timeoutMs: COMMIT_MS })
          } catch {
            // Its replacement begins with the configuration that is in force now.
            member.kill()
          }
        }),
      )
    },
    measures: async () => {
      await refresh()
      return sumMeasures([await options.registry.getMetricsAsJSON(), kept, ...measuresOf([...members])])
    },
    close: async (graceMs) => {
      isClosing = true
      await Promise.all(
        ready().map(async (member) => {
          const drained = member.peer.ask("drain", { graceMs }, { timeoutMs: graceMs + DRAIN_EXTRA_MS })
          const state = await drained.catch(() => undefined)
          if (state !== undefined) member.state = state
        }),
      )
      await endAll()
    },
  }
}

/** Replaces port 0 by a free port, on which every worker listens, including later ones. */
function freePort({ host, port }: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", () => reject(portTaken(port)))
    server.listen({ host, port, exclusive: true }, () => {
      const free = (server.address() as AddressInfo).port
      server.close(() => resolve(free))
    })
  })
}
