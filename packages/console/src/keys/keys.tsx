/**
 * Keyboard shortcuts. Every action with a key registers it here, so that the list of keys (`?`) shows exactly those
 * that work on the page now.
 * @module
 */
import { createContext, type ReactNode, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react"

/** A keyboard shortcut of a page. */
export interface KeyBinding {
  /** As typed: `j`, `?`, `Enter`, `Escape`, `ArrowDown`, or two in a row: `g c`. */
  readonly key: string
  /** Its action, as the list of keys shows it. */
  readonly label: string
  /** Heading in the list of keys. */
  readonly group: string
  readonly run: () => void
  /** While false, the key does nothing and is not listed. */
  readonly when?: boolean
  /** Whether holding the key down repeats it: true for moving in a list, never for an action. */
  readonly repeats?: true
  /** For a key that is held: `run` is called when it goes down, this when it is released. */
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
    // The page mounted last has precedence.
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
      // The page may have changed since the key went down: a held key acts only once.
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
    const stop = new AbortController()
    const { signal } = stop
    window.addEventListener("keydown", down, { signal })
    window.addEventListener("keyup", up, { signal })
    window.addEventListener("blur", blur, { signal })
    return () => stop.abort()
  }, [registry])
  return <Keys value={registry}>{children}</Keys>
}

/** Binds keys while the component is mounted. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const registry = useContext(Keys)
  const id = useMemo(() => Symbol("keys"), [])
  // A layout effect, so that the previous page's keys never work on the next page.
  useLayoutEffect(() => {
    registry?.set(id, bindings)
  })
  useLayoutEffect(() => () => registry?.remove(id), [registry, id])
}

/** Returns a function that lists the keys that work now. */
export function useBoundKeys(): () => readonly KeyBinding[] {
  const registry = useContext(Keys)
  return () => registry?.all() ?? []
}

/**
 * Whether the key is a chord of the browser or the system. AltGr, which some keyboards need for typing, reports Ctrl
 * and Alt.
 */
function isChord(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph")
}

/** Keys are ignored in text fields, and under a dialog. */
function isTyping(event: KeyboardEvent): boolean {
  const { target } = event
  if (!(target instanceof HTMLElement)) return false
  if (document.querySelector("[role=dialog][aria-modal=true]") !== null && target.closest("[data-keys=on]") === null)
    return true
  if (target.isContentEditable || target.matches("textarea, select, [role=combobox], [role=listbox] *, [role=menu] *"))
    return true
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit"].includes(target.type)
  // Enter and Space press a focused button or link.
  return (event.key === "Enter" || event.key === " ") && target.closest("button, a, summary") !== null
}
