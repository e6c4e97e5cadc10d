/**
 * Live updates: the server says what changed, by topic; whatever shows it is read again.
 * @module
 */
import type { QueryClient } from "@tanstack/react-query"
import { useEffect, useSyncExternalStore } from "react"
import { reread } from "./reread.ts"

type LineState = "live" | "reconnecting" | "closed"
let state: LineState = "closed"
const listeners = new Set<() => void>()

function setState(next: LineState): void {
  if (state === next) return
  state = next
  for (const tell of listeners) tell()
}

/**
 * Listens while mounted. Query keys begin with their topic (`["cases", ...]`), so a topic is what is read again.
 */
export function useLiveUpdates(client: QueryClient): void {
  useEffect(() => {
    const source = new EventSource("/v1/live")
    source.addEventListener("open", () => {
      // What happened while the line was down is not told: everything on the page is read again.
      if (state === "reconnecting") void reread(client, undefined)
      setState("live")
    })
    source.addEventListener("error", () => setState("reconnecting"))
    source.addEventListener("changed", (event) => {
      for (const topic of topicsOf(event.data)) void reread(client, topic)
    })
    return () => {
      source.close()
      setState("closed")
    }
  }, [client])
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

/** Home and insights are counted from the other topics. */
function topicsOf(data: unknown): readonly string[] {
  const { topics } = JSON.parse(String(data)) as { readonly topics: readonly string[] }
  return [...topics, "home"]
}
