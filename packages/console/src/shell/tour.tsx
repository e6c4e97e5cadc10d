import { useQuery, useQueryClient } from "@tanstack/react-query"
import { lazy, type ReactNode, Suspense, useSyncExternalStore } from "react"
import { preferencesQuery, putPreferences } from "../api/preferences.ts"

const TourPages = lazy(async () => ({ default: (await import("./tour-pages.tsx")).TourPages }))

let asked = false
const listeners = new Set<() => void>()

/** Opens the tour again. */
export function startTour(): void {
  asked = true
  for (const notify of listeners) notify()
}

function endTour(): void {
  asked = false
  for (const notify of listeners) notify()
}

function subscribe(notify: () => void): () => void {
  listeners.add(notify)
  return () => listeners.delete(notify)
}

/**
 * The tour of the first sign-in: a few sentences about what the person's roles can do. It can be closed at any time,
 * and opened again from the menu.
 */
export function Tour(): ReactNode {
  const { data } = useQuery(preferencesQuery)
  const client = useQueryClient()
  const isAsked = useSyncExternalStore(subscribe, () => asked)
  const close = () => {
    endTour()
    if (data?.tourDone !== false) return
    client.setQueryData(preferencesQuery.queryKey, { ...data, tourDone: true })
    // If this is not saved, the tour is shown once more, which is no error worth showing.
    putPreferences({ tourDone: true }).catch(() => undefined)
  }
  if (!isAsked && data?.tourDone !== false) return null
  return (
    <Suspense>
      <TourPages onClose={close} />
    </Suspense>
  )
}
