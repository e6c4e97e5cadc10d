/**
 * The tour of the first sign-in: a few sentences for the roles that the person holds. It can be left at once, and shown
 * again from the menu.
 * @module
 */
import { Button, Modal } from "@mantine/core"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { type ReactNode, useState, useSyncExternalStore } from "react"
import { tour as say } from "#messages/tour.ts"
import { useCan } from "../api/me.ts"
import { preferencesQuery, putPreferences } from "../api/preferences.ts"

type Step = keyof typeof say.steps

/** What each step needs to be of use to somebody. */
const STEPS: readonly (readonly [Step, readonly string[]])[] = [
  ["home", []],
  ["cases", ["case:review"]],
  ["looking", ["look:derivative"]],
  ["reports", ["report:prepare", "report:approve"]],
  ["custody", ["look:derivative", "report:prepare", "report:approve"]],
  ["operating", ["person:manage"]],
  ["breaks", []],
  ["keys", []],
]

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
  return <Pages onClose={close} />
}

function Pages({ onClose }: { readonly onClose: () => void }): ReactNode {
  const can = useCan()
  const [at, setAt] = useState(0)
  const steps = STEPS.filter(([, needs]) => needs.length === 0 || needs.some(can))
  const [name] = steps[at] ?? ["home"]
  const isLast = at === steps.length - 1
  const { title, text } = say.steps[name]
  return (
    <Modal opened onClose={onClose} title={say.title} closeButtonProps={{ "aria-label": say.skip }}>
      <div className="stack">
        <div aria-live="polite" className="stack tour-text">
          <h2>{title}</h2>
          <p>{text}</p>
        </div>
        <div className="row-between">
          <span className="quiet">{say.step(at + 1, steps.length)}</span>
          <div className="row">
            {at > 0 && (
              <Button variant="default" onClick={() => setAt(at - 1)}>
                {say.before}
              </Button>
            )}
            <Button onClick={() => (isLast ? onClose() : setAt(at + 1))} data-autofocus>
              {isLast ? say.done : say.next}
            </Button>
          </div>
        </div>
      </div>
    </Modal>
  )
}
