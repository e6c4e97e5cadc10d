/**
 * Keeps one part of the installation running: starts it and restarts it whenever it ends unexpectedly.
 * @module
 */
import { setTimeout as wait } from "node:timers/promises"
import { compact, DependencyError, RequestError } from "@nightlight/core"
import { type Child, type ChildCommand, type ChildExit, type ChildLine, startChild } from "./child.ts"

/** A part to keep running. */
export interface PartSpec {
  /** Such as `server`. */
  readonly name: string
  /** Called at each start, because the database's address may change with its restart. */
  readonly command: () => Omit<ChildCommand, "onLine">
  /** Time to stop before it is killed. */
  readonly graceMs: number
  /** Whether it is retried for ever, even if it was never ready, because the other parts run without it. */
  readonly always?: boolean
}

/** An event in the life of a part. */
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
  /** The part finished a piece of work: `id` names the result. */
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
   * @throws {RequestError} `config_invalid` with the part's message, if it reports that a retry cannot help.
   * @throws {DependencyError} `unavailable` if it is not ready after retries for 20 seconds.
   */
  readonly ready: Promise<Extract<ChildLine, { event: "ready" }>>
  /** Stops it and starts it again with a new command. */
  restart(): void
  /** Stops it for good. Safe to call again. */
  stop(): Promise<void>
}

const FIRST_RESTART_MS = 250
const LAST_RESTART_MS = 10_000
/** A part that ran for this long has started successfully. */
const STEADY_MS = 30_000
/** Retries at the first start, because an earlier installation may still hold the port while it stops. */
const FIRST_START_MS = 20_000

/** Starts a part and keeps it running until {@link Part.stop}. */
export function keepRunning(spec: PartSpec, onEvent: (event: PartEvent) => void): Part {
  const stopping = new AbortController()
  const ready = Promise.withResolvers<Extract<ChildLine, { event: "ready" }>>()
  // A caller that only stops it never awaits this promise.
  ready.promise.catch(() => undefined)
  let isReady = false
  let child: Child | undefined
  let restartRequested = false
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
      if (performance.now() - since > STEADY_MS || restartRequested) restartMs = FIRST_RESTART_MS
      onEvent({ part: spec.name, event: "ended", status, restartMs: restartRequested ? 0 : restartMs })
      if (!restartRequested) await wait(restartMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      restartRequested = false
      restartMs = Math.min(restartMs * 2, LAST_RESTART_MS)
    }
    return undefined
  }
  const done = loop()
  done.catch((error: unknown) => ready.reject(error))
  return {
    ready: ready.promise,
    restart: () => {
      restartRequested = true
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

/** Returns the error of a part that was never ready and is not retried; `undefined` to retry. */
function firstFailure(name: string, failed: ChildLine | undefined, elapsedMs: number): Error | undefined {
  const line = failed?.event === "failed" ? failed : undefined
  const options = compact({ hint: line?.hint })
  if (line !== undefined && !line.retryable) {
    return new RequestError("config_invalid", `the ${name} does not start: ${line.message}`, options)
  }
  if (elapsedMs < FIRST_START_MS) return undefined
  return new DependencyError(
    "unavailable",
    `the ${name} does not start: ${line?.message ?? "it ended at once"}`,
    options,
  )
}
