import { randomUUID } from "node:crypto"
import { type Clock, compact, NightlightError, systemClock, type Verifier } from "@nightlight/core"
import { type GenerationLog, openGenerationLog } from "@nightlight/provenance"
import { type DecoderLimits, type FalsePositiveLookup, openFingerprinter, type Policy } from "@nightlight/screening"
import type { Accounts } from "./accounts/caller.ts"
import { type AccountsPlace, openAccounts } from "./accounts/open-accounts.ts"
import { buildAdminServer, type Readiness } from "./admin/admin-server.ts"
import { failingFaults } from "./admin/check-watch.ts"
import { countsOf, createMetrics } from "./admin/metrics.ts"
import { createHashMatch, type OnMade } from "./checks/hash-match/hash-match.ts"
import { type LoadedConfig, loadConfig, readGuardConfig } from "./config/load.ts"
import { digestFiles, watchFiles } from "./config/watch.ts"
import { uncovered } from "./engine/coverage.ts"
import { recordFiles } from "./files/config-files.ts"
import { createHeartbeatBody } from "./heartbeat/body.ts"
import type { Heartbeat } from "./heartbeat/heartbeat.ts"
import { openHeartbeat } from "./heartbeat/open-heartbeat.ts"
import { type Front, openFront } from "./http/front.ts"
import { closeServer, hostInUrl, listen } from "./http/listen.ts"
import { keepNothing } from "./incidents/none.ts"
import { openConfigured } from "./incidents/open-configured.ts"
import type { KeepingPlace } from "./incidents/open-incidents.ts"
import type { Incidents } from "./incidents/ports.ts"
import { openLiveLists } from "./lists/live-lists.ts"
import type { RemoteContent } from "./remote/ports.ts"
import { createExchangePorts } from "./running/admission.ts"
import { type Running, startRunning } from "./running/running.ts"
import { openConfiguredUpstream, parseUpstreamUrl } from "./upstream/pool.ts"
import { createAnswers } from "./workers/answer-workers.ts"
import { openPool } from "./workers/pool.ts"

/** The part of a workspace that the guard uses. Nothing in it opens evidence. */
export interface GuardWorkspace {
  readonly indexDir: string
  readonly verifier: Verifier
  readonly policy: Policy
  readonly falsePositives?: FalsePositiveLookup
}

/** Events for the operator's log: codes, counts and ids only. */
export type GuardEvent =
  | { readonly event: "listening"; readonly port: number; readonly adminPort: number; readonly config: string }
  | { readonly event: "reloaded"; readonly config: string }
  | { readonly event: "reload_refused"; readonly code: string; readonly message: string }
  | { readonly event: "alarm"; readonly code: string; readonly exchange?: string }
  | { readonly event: "draining" }
  | { readonly event: "stopped" }

/** Configuration and workspace of a guard, with overrides. */
export interface GuardOptions {
  /** Absolute path of `guard.yaml`; where the file is missing, defaults apply. */
  readonly configPath: string
  readonly workspace: GuardWorkspace
  /** Replaces the configured upstream. */
  readonly upstreamUrl?: string
  readonly port?: number
  readonly adminPort?: number
  /** Processes that accept calls, 1 to 64; with 1, this process accepts them itself. Replaces the configured number. */
  readonly workers?: number
  readonly decoderLimits?: Partial<DecoderLimits>
  readonly decoderProcesses?: number
  readonly incidents?: Incidents
  /**
   * Where blocked content is kept, as `findings` in the configuration says; without it and `incidents` nothing is kept.
   */
  readonly keeping?: KeepingPlace
  /** Folder of the generation log, where the configuration turns it on. */
  readonly generationsDir?: string
  readonly accounts?: Accounts
  /** Where account records are kept; without it and `accounts` no caller may name an end user. */
  readonly accountsPlace?: AccountsPlace
  /** Follows links in bodies; with several workers, each uses its own from `createRemoteContent`. */
  readonly remote?: RemoteContent
  readonly clock?: Clock
  readonly onEvent?: (event: GuardEvent) => void
  /** Milliseconds between two checks for changed files. */
  readonly checkEveryMs?: number
  /** Milliseconds between two heartbeats to the server that receives the incidents; 60,000 unless given. */
  readonly heartbeatEveryMs?: number
}

/** A running guard. */
export interface Guard {
  readonly url: string
  readonly adminUrl: string
  readiness(): Readiness
  /** Accepts no new calls, waits at most this long for those in progress, and closes everything. */
  stop(graceMs?: number): Promise<void>
}

const GRACE_MS = 30_000
const CHECK_EVERY_MS = 1_000

/**
 * Starts a guard.
 *
 * @throws {RequestError} `config_invalid`; also where an open surface has neither a check nor an exception.
 * @throws {IntegrityError} where the index of the lists cannot be trusted.
 * @throws {DependencyError} `decoder_unavailable`; `decoder_not_isolated`, unless the configuration accepts that by
 * name; `unavailable` when a port is taken.
 */
export async function startGuard(options: GuardOptions): Promise<Guard> {
  const { workspace, configPath, clock = systemClock, onEvent = () => {}, checkEveryMs = CHECK_EVERY_MS } = options
  const { indexDir, verifier, policy, falsePositives } = workspace
  const metrics = createMetrics()
  await using opened = new AsyncDisposableStack()
  // Errors in the file are reported before any child process starts.
  const { config: first } = await readGuardConfig(configPath)
  const upstreamUrl = parseUpstreamUrl(options.upstreamUrl ?? first.upstream.url)
  const lists = await openLiveLists({ indexDir, verifier, checkEveryMs })
  opened.defer(() => lists.close())
  const fingerprinter = opened.use(
    await openFingerprinter({
      readRoots: [],
      profile: "fullres",
      kernel: "fast",
      isolation: first.decoder.withoutIsolation === "accept" ? "auto" : "needed",
      processes: options.decoderProcesses ?? 2,
      limits: { timeoutMs: 20_000, maxFrames: 500, ...options.decoderLimits },
    }),
  )
  const alarm = (code: string, exchange?: string) => {
    metrics.alarm(code)
    onEvent(compact({ event: "alarm", code, exchange }))
  }
  const { retentionDays, enabled } = first.generationLog
  const generations =
    enabled && options.generationsDir !== undefined
      ? await openGenerationLog({ dir: options.generationsDir, retentionDays, clock, onFault: alarm })
      : undefined
  if (generations !== undefined) opened.defer(() => generations.close())
  const hashMatch = (check: { readonly name: string; readonly deadlineMs: number }) =>
    createHashMatch({
      ...check,
      lists,
      fingerprinter,
      policy,
      maxBytes: fingerprinter.limits.maxBytes,
      ...compact({ falsePositives, onMade: generations === undefined ? undefined : logMade(generations) }),
    })
  const seenBefore = await digestFiles([configPath])
  const { readText, files } = recordFiles()
  let loaded = await loadConfig(configPath, { hashMatch, readText }, clock.now())
  // A file that changes while the rest is opened counts as changed, too.
  const seenFirst = await digestFiles(loaded.files, seenBefore)
  const { config } = loaded
  const incidents =
    options.incidents ??
    (options.keeping === undefined
      ? keepNothing((exchange) => onEvent({ event: "alarm", code: "block_not_recorded", exchange }))
      : await openConfigured(options.keeping, config.findings, { configPath, clock, onAlarm: alarm }))
  opened.defer(() => incidents.close())
  const owned =
    options.accounts === undefined && options.accountsPlace !== undefined
      ? await openAccounts(options.accountsPlace, { keys: () => loaded.setup.keys, clock, onAlarm: alarm })
      : undefined
  if (owned !== undefined) opened.defer(() => owned.close())
  const accounts = options.accounts ?? owned
  const ports = createExchangePorts(compact({ incidents, accounts }))
  let running: Running = startRunning(loaded.setup, { metrics, clock })
  opened.defer(() => running.retire())
  // Stopped after the callers' listener and before the spool, so the last heartbeat comes from a guard that accepts no
  // calls.
  let heartbeat: Heartbeat | undefined
  opened.defer(() => heartbeat?.stop())
  const workers = options.workers ?? config.workers
  const place = { host: config.listen.host, port: options.port ?? config.listen.port }
  const screens = () => lists.state().screens
  const followsLinks = options.remote !== undefined
  let graceMs = 0
  const openAlone = async (): Promise<Front> => {
    const upstream = openConfiguredUpstream(upstreamUrl, config.upstream)
    opened.defer(() => upstream.close())
    metrics.watch("upstream_waiting", "Calls that wait for a connection to the upstream", () => upstream.waiting())
    const remote = options.remote
    const services = { ...ports, upstream, metrics, clock, ...compact({ remote }) }
    return openFront({ current: () => running, loaded: () => loaded, services, place })
  }
  const front =
    workers === 1
      ? await openAlone()
      : await openPool({
          count: workers,
          files,
          place,
          screens,
          onAlarm: alarm,
          registry: metrics.registry,
          answers: createAnswers({ ports, hashMatch, screens, current: () => running }),
          start: { configPath, upstreamUrl: upstreamUrl.href, followsLinks },
        })
  opened.defer(() => front.close(graceMs))
  let fault: string | undefined
  const watch = watchFiles(checkEveryMs, async (seen) => {
    try {
      const changed = recordFiles()
      const next: LoadedConfig = await loadConfig(configPath, { hashMatch, readText: changed.readText }, clock.now())
      await front.prepare(changed.files).catch((error: unknown) => {
        startRunning(next.setup, { metrics, clock }).retire()
        throw error
      })
      const before = running
      loaded = next
      running = startRunning(next.setup, { metrics, clock })
      await front.commit()
      fault = undefined
      watch.follow(await digestFiles(next.files, seen))
      onEvent({ event: "reloaded", config: next.setup.version })
      before.retire()
    } catch (error) {
      // The previous configuration stays in force.
      const { code, message } =
        error instanceof NightlightError
          ? error
          : { code: "config_invalid", message: "the configuration cannot be loaded" }
      fault = code
      onEvent({ event: "reload_refused", code, message })
    }
  })
  opened.defer(() => watch.close())
  watch.follow(seenFirst)
  let draining = false
  const readiness = (): Readiness => {
    const surfaces = running.coverage()
    const listState = lists.state()
    const kept = incidents.state()
    const { checks: states, unready, canServe, faults: processes, workers: taking } = front.state()
    const failing = new Set(states.flatMap(({ name, failing: now }) => (now === undefined ? [] : [name])))
    const faults = [
      ...uncovered(surfaces).map(() => "surface_uncovered"),
      ...(fault === undefined ? [] : [fault]),
      ...(listState.fault === undefined ? [] : [listState.fault]),
      ...(kept.fault === undefined ? [] : [kept.fault]),
      ...processes,
      ...(fingerprinter.isolation === "none" ? ["decoder_not_isolated"] : []),
      ...failingFaults(states),
      ...unready.filter((name) => !failing.has(name)).map((name) => `check_unready:${name}`),
    ]
    return compact({
      ready: !draining && uncovered(surfaces).length === 0 && kept.accepting && canServe,
      faults: [...new Set(faults)],
      draining,
      config: running.setup.version,
      lists: listState,
      isolation: fingerprinter.isolation,
      decoding: fingerprinter.isolation === "none" ? "accepted" : "isolated",
      incidents: kept,
      surfaces,
      checks: states,
      workers: taking,
    })
  }
  const { port } = front
  const admin = buildAdminServer({
    refresh: () => front.refresh(),
    measures: () => front.measures(),
    readiness,
  })
  const adminPort = await listen(admin, { host: config.admin.host, port: options.adminPort ?? config.admin.port })
  opened.defer(() => closeServer(admin))
  onEvent({ event: "listening", port, adminPort, config: loaded.setup.version })
  if (options.keeping !== undefined) {
    const ids = { instance: `guard-${randomUUID()}`, startedAt: clock.now() }
    heartbeat = await openHeartbeat(
      config.findings,
      configPath,
      compact({
        body: createHeartbeatBody({
          ...ids,
          readiness,
          lists,
          policy,
          counts: async () => countsOf(await front.measures()),
        }),
        isDraining: () => draining,
        onAlarm: alarm,
        everyMs: options.heartbeatEveryMs,
      }),
    )
  }
  const lasting = opened.move()
  let stopping: Promise<void> | undefined
  return {
    url: `http://${hostInUrl(config.listen.host)}:${port}/v1`,
    adminUrl: `http://${hostInUrl(config.admin.host)}:${adminPort}`,
    readiness,
    stop: (grace = GRACE_MS) => {
      stopping ??= (async () => {
        draining = true
        onEvent({ event: "draining" })
        graceMs = grace
        await lasting.disposeAsync()
        onEvent({ event: "stopped" })
      })()
      return stopping
    },
  }
}

function logMade(log: GenerationLog): OnMade {
  return ({ exchange, model, account }, { pdq, quality }) => {
    log.append(
      compact({
        generationId: exchange,
        model,
        pdq,
        quality,
        account: account === undefined ? undefined : account.account,
      }),
    )
  }
}
