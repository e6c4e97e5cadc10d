/**
 * Keys: every action that has one says so here, so that the map (`?`) shows exactly what works on the page now.
 * @module
 */
import { createContext, type ReactNode, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react"

/** One key of a page. */
export interface KeyBinding {
  /** As typed: `j`, `?`, `Enter`, `Escape`, `ArrowDown`, or two in a row: `g c`. */
  readonly key: string
  /** What it does, for the map. */
  readonly label: string
  /** Heading in the map. */
  readonly group: string
  readonly run: () => void
  /** Does nothing while false, and is not in the map. */
  readonly when?: boolean
  /** Whether a key that stays down does it again and again: moving in a list, never an action. */
  readonly repeats?: true
  /** Held rather than pressed: `run` on the way down, this on the way up. */
  readonly release?: () => void
}

interface Registry {
  readonly set: (id: symbol, bindings: readonly KeyBinding[]) => void
  readonly remove: (id: symbol) => void
  readonly all: () => readonly KeyBinding[]
}

const Keys = createContext<Registry | undefined>(undefined)
const SEQUENCE_MS = 1200

/** Listens for keys; wraps the whole app. */
export function KeysProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const layers = useRef(new Map<symbol, readonly KeyBinding[]>())
  const [registry] = useState<Registry>(() => ({
    set: (id, bindings) => void layers.current.set(id, bindings),
    remove: (id) => void layers.current.delete(id),
    // The page mounted last is asked first.
    all: () =>
      [...layers.current.values()]
        .reverse()
        .flat()
        .filter((binding) => binding.when !== false),
  }))
  useEffect(() => {
    let first: { readonly key: string; readonly atMs: number } | undefined
    let held: KeyBinding | undefined
    const down = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || isChord(event) || isTyping(event)) return
      if (event.repeat && held !== undefined) return event.preventDefault()
      const pair = first !== undefined && event.timeStamp - first.atMs < SEQUENCE_MS ? `${first.key} ${event.key}` : ""
      const all = registry.all()
      const binding = all.find(({ key }) => key === pair) ?? all.find(({ key }) => key === event.key)
      first =
        all.some(({ key }) => key.startsWith(`${event.key} `)) && pair === ""
          ? { key: event.key, atMs: event.timeStamp }
          : undefined
      if (binding === undefined) return
      event.preventDefault()
      // The page may be another one by now: what a hand meant once is done once.
      if (event.repeat && binding.repeats !== true) return
      if (binding.release !== undefined) held = binding
      binding.run()
    }
    const up = (event: KeyboardEvent) => {
      if (held?.key !== event.key) return
      held.release?.()
      held = undefined
    }
    const blur = () => {
      held?.release?.()
      held = undefined
    }
    window.addEventListener("keydown", down)
    window.addEventListener("keyup", up)
    window.addEventListener("blur", blur)
    return () => {
      window.removeEventListener("keydown", down)
      window.removeEventListener("keyup", up)
      window.removeEventListener("blur", blur)
    }
  }, [registry])
  return <Keys value={registry}>{children}</Keys>
}

/** Binds keys while the component shows. Pass `undefined` labels never: the map is generated from them. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const registry = useContext(Keys)
  const id = useMemo(() => Symbol("keys"), [])
  // Together with the page: between a page and its keys no key may find the ones before.
  useLayoutEffect(() => {
    registry?.set(id, bindings)
  })
  useLayoutEffect(() => () => registry?.remove(id), [registry, id])
}

/** What works now, for the map. */
export function useBoundKeys(): () => readonly KeyBinding[] {
  const registry = useContext(Keys)
  return () => registry?.all() ?? []
}

/** Whether the browser or the system means something by it. Some keyboards write with AltGr, which looks like two of them. */
function isChord(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph")
}

/** In a field a letter is a letter; under a dialog the page's keys rest. */
function isTyping(event: KeyboardEvent): boolean {
  const { target } = event
  if (!(target instanceof HTMLElement)) return false
  if (document.querySelector("[role=dialog][aria-modal=true]") !== null && target.closest("[data-keys=on]") === null)
    return true
  if (target.isContentEditable || target.matches("textarea, select, [role=combobox], [role=listbox] *, [role=menu] *"))
    return true
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit"].includes(target.type)
  // Enter and space on a button or a link press it.
  return (event.key === "Enter" || event.key === " ") && target.closest("button, a, summary") !== null
}
