/**
 * The job that pages a person, retried until a pager accepts the call.
 * @module
 */
import { spawn } from "node:child_process"
import { type Clock, DependencyError } from "@nightlight/core"
import { request } from "undici"
import { z } from "zod"
import type { JobDefinition } from "../../platform/jobs/job.ts"
import type { PagerCalls } from "./calls.ts"
import type { PagerConfig } from "./types.ts"

export const PAGE_PERSON = "page-person"

const Payload = z.strictObject({ code: z.string(), subject: z.string(), callId: z.string() })
type Payload = z.infer<typeof Payload>

const TIMEOUT_MS = 10_000

/** Dependencies of {@link pagePerson}. */
export interface PagePersonDeps {
  readonly config: PagerConfig
  readonly clock: Clock
  readonly calls: Pick<PagerCalls, "recordAccepted" | "failed">
}

/** Makes the job. A call that is delivered twice pages twice, which does no harm. */
export function pagePerson({ config, clock, calls }: PagePersonDeps): JobDefinition<Payload> {
  return {
    name: PAGE_PERSON,
    payload: Payload,
    tries: 20,
    retryDelaySeconds: 5,
    expireSeconds: 60,
    run: async ({ callId, code, subject }, signal) => {
      const payload = { code, subject }
      const { webhook, command } = config
      const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
      // If one way fails, the other has paged all the same.
      const called = await Promise.allSettled([
        ...(webhook === undefined ? [] : [post(webhook, { ...payload, at: clock.now().toISOString() }, within)]),
        ...(command === undefined ? [] : [run(command, payload, within)]),
      ])
      // Recorded before a failure is thrown: people who wait to hear that somebody was called hear it, although the
      // other way is retried.
      if (called.some(({ status }) => status === "fulfilled")) await calls.recordAccepted(callId)
      const failed = called.find((one) => one.status === "rejected")
      if (failed === undefined && called.length > 0) return
      await calls.failed(callId, failed === undefined ? "not-set" : faultOf(failed.reason))
      throw failed?.reason ?? new DependencyError("unavailable", "the pager is no longer set up")
    },
  }
}

/** Which of the two ways failed. */
function faultOf(reason: unknown): string {
  return reason instanceof DependencyError && typeof reason.details["way"] === "string"
    ? reason.details["way"]
    : "internal"
}

async function post({ url }: NonNullable<PagerConfig["webhook"]>, body: object, signal: AbortSignal): Promise<void> {
  const headers = { "content-type": "application/json" }
  // Redirects are not followed: the call would go to an address that nobody configured.
  const status = await request(url, { method: "POST", headers, body: JSON.stringify(body), signal }).then(
    async (answer) => {
      await answer.body.dump()
      return answer.statusCode
    },
    () => 0,
  )
  if (status < 200 || status >= 300) {
    throw new DependencyError("unavailable", "the pager's webhook did not accept a call", {
      details: { way: "webhook", status },
    })
  }
}

async function run(
  [program, ...given]: NonNullable<PagerConfig["command"]>,
  { code, subject }: Pick<Payload, "code" | "subject">,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(program, [...given, code, subject], { stdio: "ignore", signal })
  const status = await new Promise<number>((resolve) => {
    child.once("exit", (exit) => resolve(exit ?? 127))
    child.once("error", () => resolve(127))
  })
  if (status === 0) return
  throw new DependencyError("unavailable", "the pager's command failed", {
    details: { way: "command", status },
  })
}
