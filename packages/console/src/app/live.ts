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
    connect(client, ending.signal)
    return () => {
      ending.abort()
      setState("closed")
    }
  }, [client])
}

function connect(client: QueryClient, signal: AbortSignal): void {
  if (signal.aborted) return
  const source = new EventSource("/v1/live")
  const changes = gather(client, signal)
  source.addEventListener("open", () => {
    // What happened while the line was down is not told: everything on the page is read again.
    if (state === "reconnecting") void reread(client, undefined)
    setState("live")
  })
  source.addEventListener("error", () => {
    setState("reconnecting")
    // A line that was cut comes back by itself; one that was refused does not.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(client, signal), REFUSED_MS)
  })
  source.addEventListener("changed", (event) => changes(JSON.parse(String(event.data)) as LiveMessage))
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
