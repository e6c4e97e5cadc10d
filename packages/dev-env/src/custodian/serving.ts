import { compact } from "@nightlight/core"
import { custodianLayout } from "@nightlight/custodian"
import { readAuditEvents } from "@nightlight/vault/audit"
import { onTestFinished } from "vitest"
import type { TimeSources } from "../../../custodian/src/own-clock.ts"
import { serve } from "../../../custodian/src/service/serve.ts"
import { makeSite, PASSPHRASE, type Site } from "./folders.ts"

/** A custodian in this process, and its folder. */
export interface Served extends Site {
  readonly socket: string
  /** Stops it and starts another on the same folder. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** A clock that a test moves; its monotonic time moves with `pass` alone. */
export function turnableTime(start = new Date("2026-06-01T12:00:00.000Z")) {
  const state = { wallMs: start.getTime(), monotonicMs: 0 }
  const sources: TimeSources = { clock: { now: () => new Date(state.wallMs) }, monotonicMs: () => state.monotonicMs }
  return {
    sources,
    now: () => new Date(state.wallMs),
    /** Lets time pass, milliseconds. */
    pass(ms: number) {
      state.wallMs += ms
      state.monotonicMs += ms
    },
    /** Sets the machine's clock without passing time. */
    setClock(byMs: number) {
      state.wallMs += byMs
    },
  }
}

/** Makes a site and serves it, unlocked, until the test ends. */
export async function serveSite(
  options: {
    readonly config?: Readonly<Record<string, unknown>>
    readonly time?: TimeSources
    readonly locked?: boolean
  } = {},
): Promise<Served> {
  const site = await makeSite(options.config, options.time?.clock)
  const start = () =>
    serve(
      site.dir,
      compact({
        passphrase: options.locked === true ? undefined : PASSPHRASE,
        acceptConfig: options.locked === true ? undefined : true,
        time: options.time,
      }),
    )
  let serving: Awaited<ReturnType<typeof serve>> | undefined = await start()
  const stop = async () => {
    const ending = serving
    serving = undefined
    await ending?.[Symbol.asyncDispose]()
  }
  onTestFinished(stop)
  return {
    ...site,
    socket: serving.socket,
    stop,
    async restart() {
      await stop()
      serving = await start()
    },
  }
}

/** Reads the journal's events, of one type or all. */
export async function journalOf(dir: string, type?: string) {
  const events = []
  for await (const event of readAuditEvents(custodianLayout(dir).journal)) {
    if (type === undefined || event.type === type) events.push(event)
  }
  return events
}

/** Reads the reasons of refused requests, in order. */
export async function refusalsOf(dir: string) {
  return (await journalOf(dir, "request.refused")).map(({ data }) => data["why"])
}
