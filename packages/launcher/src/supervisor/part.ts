/**
 * Keeps one part of the installation running: started, watched, started again when it ends unasked.
 * @module
 */
import { setTimeout as wait } from "node:timers/promises"
import { compact, DependencyError, RequestError } from "@nightlight/core"
import { type Child, type ChildCommand, type ChildExit, type ChildLine, startChild } from "./child.ts"

/** What is to be kept running. */
export interface PartSpec {
  /** Such as `server`. */
  readonly name: string
  /** Asked anew at each start: where the database listens may change with its own restart. */
  readonly command: () => Omit<ChildCommand, "onLine">
  /** How long it may take to stop. */
  readonly graceMs: number
  /** Whether it is tried again for ever, even if it was never ready: the others run without it. */
  readonly always?: boolean
}

/** What happens to a part. */
export type PartEvent =
  | { readonly part: string; readonly event: "started"; readonly pid: number }
  | {
      readonly part: string
      readonly event: "ready"
      readonly pid: number
      readonly port?: number
      readonly adminPort?: number
    }
  | { readonly part: string; readonly event: "ended"; readonly status: string; readonly restartMs?: number }
  /** A piece of work of its own was finished: `id` is what it made. */
  | { readonly part: string; readonly event: "made"; readonly id: string }
  | {
      readonly part: string
      readonly event: "failed"
      readonly code: string
      readonly message: string
      readonly hint?: string
    }

/** A part that is kept running. */
export interface Part {
  /**
   * Resolves when it is ready for the first time.
   *
   * @throws {RequestError} `config_invalid` with the part's own words, if it says that trying again is of no use.
   * @throws {DependencyError} `unavailable` if it is not ready after 20 seconds of trying.
   */
  readonly ready: Promise<Extract<ChildLine, { event: "ready" }>>
  /** Lets it stop and start again with a new command. */
  restart(): void
  /** Stops it for good. Safe to call again. */
  stop(): Promise<void>
}

const FIRST_RESTART_MS = 250
const LAST_RESTART_MS = 10_000
/** Whoever ran for so long did not fail to start. */
const STEADY_MS = 30_000
/** A start may find the port still held by an earlier one that is just stopping. */
const FIRST_START_MS = 20_000

/** Starts a part and keeps it running until {@link Part.stop}. */
export function keepRunning(spec: PartSpec, onEvent: (event: PartEvent) => void): Part {
  const stopping = new AbortController()
  const ready = Promise.withResolvers<Extract<ChildLine, { event: "ready" }>>()
  // Whoever only stops it never looks.
  ready.promise.catch(() => undefined)
  let isReady = false
  let child: Child | undefined
  let isAsked = false
  const startedAt = performance.now()

  const runOnce = async (): Promise<{ readonly exit: ChildExit; readonly failed: ChildLine | undefined }> => {
    let failed: ChildLine | undefined
    child = startChild({
      ...spec.command(),
      onLine: (line) => {
        if (line.event === "failed") failed = line
        else if (line.event === "ready") {
          isReady = true
          ready.resolve(line)
          const { port, adminPort } = line
          onEvent(
            compact({
              part: spec.name,
              event: "ready",
              pid: child?.pid ?? 0,
              port,
              adminPort,
            }),
          )
        }
      },
    })
    onEvent({ part: spec.name, event: "started", pid: child.pid })
    if (stopping.signal.aborted) void child.stop(spec.graceMs)
    const exit = await child.exited
    child = undefined
    return { exit, failed }
  }

  const loop = async () => {
    for (let restartMs = FIRST_RESTART_MS; !stopping.signal.aborted; ) {
      const since = performance.now()
      const { exit, failed } = await runOnce()
      const status = exit.signal ?? `status ${exit.code ?? 0}`
      if (stopping.signal.aborted) return onEvent({ part: spec.name, event: "ended", status })
      if (failed?.event === "failed") {
        const { code, message, hint } = failed
        onEvent(compact({ part: spec.name, event: "failed", code, message, hint }))
      }
      if (!isReady && spec.always !== true) {
        const error = firstFailure(spec.name, failed, performance.now() - startedAt)
        if (error !== undefined) return ready.reject(error)
      }
      if (performance.now() - since > STEADY_MS || isAsked) restartMs = FIRST_RESTART_MS
      onEvent({ part: spec.name, event: "ended", status, restartMs: isAsked ? 0 : restartMs })
      if (!isAsked) await wait(restartMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      isAsked = false
      restartMs = Math.min(restartMs * 2, LAST_RESTART_MS)
    }
    return undefined
  }
  const done = loop()
  done.catch((error: unknown) => ready.reject(error))
  return {
    ready: ready.promise,
    restart: () => {
      isAsked = true
      void child?.stop(spec.graceMs)
    },
    stop: async () => {
      stopping.abort()
      ready.reject(new DOMException("stopped", "AbortError"))
      await child?.stop(spec.graceMs)
      await done.catch(() => undefined)
    },
  }
}

/** Why a part that was never ready is not tried again; nothing if it is. */
function firstFailure(name: string, failed: ChildLine | undefined, elapsedMs: number): Error | undefined {
  const line = failed?.event === "failed" ? failed : undefined
  const options = line?.hint === undefined ? {} : { hint: line.hint }
  if (line !== undefined && !line.retryable) {
    return new RequestError("config_invalid", `the ${name} does not start: ${line.message}`, options)
  }
  if (elapsedMs < FIRST_START_MS) return undefined
  return new DependencyError(
    "unavailable",
    `the ${name} does not start: ${line?.message ?? "it ends at once"}`,
    options,
  )
}
