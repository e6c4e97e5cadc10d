/**
 * Live updates: the server announces by topic what changed, and the queries of that topic are read again.
 * @module
 */
import type { LiveMessage } from "@nightlight/contract/server"
import type { QueryClient } from "@tanstack/react-query"
import { useEffect, useSyncExternalStore } from "react"
import { reread } from "./reread.ts"

type LineState = "live" | "reconnecting" | "closed"
let state: LineState = "closed"
const listeners = new Set<() => void>()

/** A busy import changes something every moment; pages read again at most this often. */
const EVERY_MS = 1000
/** Time before a connection that the server refused is tried again. The browser itself restores one that dropped. */
const REFUSED_MS = 10_000

function setState(next: LineState): void {
  if (state === next) return
  state = next
  for (const notify of listeners) notify()
}

/** Listens for live updates while the component is mounted. */
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

/** Messages between the console's pages in one browser. */
type PageMessage =
  | { readonly kind: "changed"; readonly message: LiveMessage }
  | { readonly kind: "line"; readonly state: LineState }
  | { readonly kind: "ask" }

/** Name of the lock that the connected page holds, and of the channel between the pages. */
const NAME = "nightlight-live"

/**
 * Shares one live connection among all pages of a browser, because a browser opens at most six connections to a server.
 * One page holds the connection and relays to the others; when it closes, another page takes over.
 */
function listen(client: QueryClient, signal: AbortSignal): void {
  const changes = gather(client, signal)
  const others = new BroadcastChannel(NAME)
  signal.addEventListener("abort", () => others.close())
  const receive = (message: PageMessage) => {
    if (message.kind === "changed") changes(message.message)
    if (message.kind === "line") onLine(client, message.state)
  }
  others.addEventListener("message", ({ data }: MessageEvent<PageMessage>) => receive(data))
  const publish = (message: PageMessage) => {
    receive(message)
    if (!signal.aborted) others.postMessage(message)
  }
  const lead = () => {
    others.addEventListener("message", ({ data }: MessageEvent<PageMessage>) => {
      if (data.kind === "ask") others.postMessage({ kind: "line", state } satisfies PageMessage)
    })
    // Changes between the last page's closing and this connection were not announced.
    if (state !== "closed") publish({ kind: "line", state: "reconnecting" })
    connect(publish, signal)
    return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()))
  }
  others.postMessage({ kind: "ask" } satisfies PageMessage)
  // The signal ends the wait for the lock as well as the connection.
  navigator.locks.request(NAME, { signal }, lead).catch(() => undefined)
}

function onLine(client: QueryClient, next: LineState): void {
  // Changes while the connection was down were not announced: everything on the page is read again.
  if (next === "live" && state === "reconnecting") void reread(client, undefined)
  setState(next)
}

function connect(publish: (message: PageMessage) => void, signal: AbortSignal): void {
  if (signal.aborted) return
  const source = new EventSource("/v1/live")
  source.addEventListener("open", () => publish({ kind: "line", state: "live" }))
  source.addEventListener("error", () => {
    publish({ kind: "line", state: "reconnecting" })
    // The browser restores a connection that dropped, but not one that was refused.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(publish, signal), REFUSED_MS)
  })
  source.addEventListener("changed", (event) => {
    publish({ kind: "changed", message: JSON.parse(String(event.data)) as LiveMessage })
  })
  signal.addEventListener("abort", () => source.close())
}

/** Collects changes and reads their topics again at most once a second. */
function gather(client: QueryClient, signal: AbortSignal): (message: LiveMessage) => void {
  const topics = new Set<string>()
  let subjects: Set<string> | undefined = new Set()
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = () => {
    timer = undefined
    // Home summarises the other topics.
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

/** Whether live updates arrive now. */
export function useLine(): LineState {
  return useSyncExternalStore(
    (notify) => {
      listeners.add(notify)
      return () => listeners.delete(notify)
    },
    () => state,
  )
}
