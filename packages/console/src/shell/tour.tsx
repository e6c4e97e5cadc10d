/**
 * The tour of the first sign-in: a few sentences for the roles that the person holds. It can be left at once, and shown
 * again from the menu.
 * @module
 */
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { lazy, type ReactNode, Suspense, useSyncExternalStore } from "react"
import { preferencesQuery, putPreferences } from "../api/preferences.ts"

/** Shown at the first sign-in, once. */
const TourPages = lazy(async () => ({ default: (await import("./tour-pages.tsx")).TourPages }))

let asked = false
const listeners = new Set<() => void>()

/** Shows the tour again. */
export function startTour(): void {
  asked = true
  for (const tell of listeners) tell()
}

function endTour(): void {
  asked = false
  for (const tell of listeners) tell()
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell)
  return () => listeners.delete(tell)
}

/** The tour, where the person has not had it or asks for it. */
export function Tour(): ReactNode {
  const { data } = useQuery(preferencesQuery)
  const client = useQueryClient()
  const isAsked = useSyncExternalStore(subscribe, () => asked)
  const close = () => {
    endTour()
    if (data?.tourDone !== false) return
    client.setQueryData(preferencesQuery.queryKey, { ...data, tourDone: true })
    // A tour that is not remembered as seen is shown once more: no reason to trouble anybody.
    putPreferences({ tourDone: true }).catch(() => undefined)
  }
  if (!isAsked && data?.tourDone !== false) return null
  return (
    <Suspense>
      <TourPages onClose={close} />
    </Suspense>
  )
}
