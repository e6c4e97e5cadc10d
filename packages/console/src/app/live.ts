/**
 * Live updates: the server says what changed, by topic; whatever shows it is read again.
 * @module
 */
import type { LiveMessage } from "@nightlight/contract/server"
import type { QueryClient } from "@tanstack/react-query"
import { useEffect, useSyncExternalStore } from "react"
import { reread } from "./reread.ts"

type LineState = "live" | "reconnecting" | "closed"
let state: LineState = "closed"
const listeners = new Set<() => void>()

/** A busy import changes something every moment; pages read again at most so often. */
const EVERY_MS = 1000
/** A line that was refused, not cut, is asked for again after this. */
const REFUSED_MS = 10_000

function setState(next: LineState): void {
  if (state === next) return
  state = next
  for (const tell of listeners) tell()
}

/** Listens while mounted; closes with it. */
export function useLiveUpdates(client: QueryClient): void {
  useEffect(() => {
    const ending = new AbortController()
    listen(client, ending.signal)
    return () => {
      ending.abort()
      setState("closed")
    }
  }, [client])
}

/** What pages in one browser tell each other. */
type Told =
  | { readonly kind: "changed"; readonly message: LiveMessage }
  | { readonly kind: "line"; readonly state: LineState }
  | { readonly kind: "ask" }

/** Of the lock that the page with the line holds, and of what it tells the others by. */
const NAME = "nightlight-live"

/**
 * A browser opens six connections to a server and no more, and a line keeps one for itself: of all its pages one has the
 * line and tells the others. When it closes, the next one has it.
 */
function listen(client: QueryClient, signal: AbortSignal): void {
  const changes = gather(client, signal)
  const others = new BroadcastChannel(NAME)
  signal.addEventListener("abort", () => others.close())
  const hear = (told: Told) => {
    if (told.kind === "changed") changes(told.message)
    if (told.kind === "line") lineIs(client, told.state)
  }
  others.addEventListener("message", ({ data }: MessageEvent<Told>) => hear(data))
  const tell = (told: Told) => {
    hear(told)
    if (!signal.aborted) others.postMessage(told)
  }
  const lead = () => {
    others.addEventListener("message", ({ data }: MessageEvent<Told>) => {
      if (data.kind === "ask") others.postMessage({ kind: "line", state } satisfies Told)
    })
    // What happened since the page before closed was told to nobody.
    if (state !== "closed") tell({ kind: "line", state: "reconnecting" })
    connect(tell, signal)
    return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()))
  }
  others.postMessage({ kind: "ask" } satisfies Told)
  // Ends by the signal, whether the line was had by then or not.
  navigator.locks.request(NAME, { signal }, lead).catch(() => undefined)
}

function lineIs(client: QueryClient, next: LineState): void {
  // What happened while the line was down is not told: everything on the page is read again.
  if (next === "live" && state === "reconnecting") void reread(client, undefined)
  setState(next)
}

function connect(tell: (told: Told) => void, signal: AbortSignal): void {
  if (signal.aborted) return
  const source = new EventSource("/v1/live")
  source.addEventListener("open", () => tell({ kind: "line", state: "live" }))
  source.addEventListener("error", () => {
    tell({ kind: "line", state: "reconnecting" })
    // A line that was cut comes back by itself; one that was refused does not.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(tell, signal), REFUSED_MS)
  })
  source.addEventListener("changed", (event) => {
    tell({ kind: "changed", message: JSON.parse(String(event.data)) as LiveMessage })
  })
  signal.addEventListener("abort", () => source.close())
}

/** Gathers what changed, and has it read again at most once a second. */
function gather(client: QueryClient, signal: AbortSignal): (message: LiveMessage) => void {
  const topics = new Set<string>()
  let subjects: Set<string> | undefined = new Set()
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = () => {
    timer = undefined
    // Home is counted from the others.
    for (const topic of [...topics, "home"]) void reread(client, topic, subjects)
    topics.clear()
    subjects = new Set()
  }
  signal.addEventListener("abort", () => clearTimeout(timer))
  return (message) => {
    for (const topic of message.topics) topics.add(topic)
    if (message.subjects === undefined) subjects = undefined
    else for (const id of message.subjects) subjects?.add(id)
    timer ??= setTimeout(flush, EVERY_MS)
  }
}

/** Whether updates arrive by themselves now. */
export function useLine(): LineState {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell)
      return () => listeners.delete(tell)
    },
    () => state,
  )
}
