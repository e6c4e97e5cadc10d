import { type RefObject, useEffect, useRef } from "react"

/** Actions by key, as typed. */
export type ViewingKeys = Readonly<Record<string, (() => void) | undefined>>

/**
 * Handles the keys of the viewing dialog. They are not in the list of keys, and the page's own keys are off while it is
 * open, so that no number typed here decides a case.
 *
 * @param release - Called when Space is released.
 */
export function useViewingKeys(root: RefObject<HTMLElement | null>, keys: ViewingKeys, release?: () => void): void {
  const latest = useRef({ keys, release })
  latest.current = { keys, release }
  useEffect(() => {
    const isOurs = ({ target }: KeyboardEvent) =>
      target instanceof Element && (root.current?.contains(target) === true || target === document.body)
    const down = (event: KeyboardEvent) => {
      // A key that stays down must not type into the next field that takes the focus.
      if (event.repeat && event.key === " ") return event.preventDefault()
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || !isOurs(event)) return
      const isPressing = event.target instanceof Element && event.target.closest("button:not([data-hold]), a") !== null
      const run = latest.current.keys[event.key]
      if (run === undefined || (isPressing && (event.key === " " || event.key === "Enter"))) return
      event.preventDefault()
      event.stopPropagation()
      run()
    }
    const up = ({ key }: KeyboardEvent) => {
      if (key === " ") latest.current.release?.()
    }
    window.addEventListener("keydown", down, true)
    window.addEventListener("keyup", up, true)
    return () => {
      window.removeEventListener("keydown", down, true)
      window.removeEventListener("keyup", up, true)
    }
  }, [root])
}
