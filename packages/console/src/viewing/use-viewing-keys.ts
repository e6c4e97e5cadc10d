import { type RefObject, useEffect, useRef } from "react"

/** What keys do, by the key as it is typed. */
export type ViewingKeys = Readonly<Record<string, (() => void) | undefined>>

/**
 * Keys of the viewing's own page. They are not in the map of keys: beneath a viewing the page's keys rest, so that no number
 * typed here decides a case there.
 *
 * @param release - When Space is let go, if it does anything.
 */
export function useViewingKeys(root: RefObject<HTMLElement | null>, keys: ViewingKeys, release?: () => void): void {
  const latest = useRef({ keys, release })
  latest.current = { keys, release }
  useEffect(() => {
    const isOurs = ({ target }: KeyboardEvent) =>
      target instanceof Element && (root.current?.contains(target) === true || target === document.body)
    const down = (event: KeyboardEvent) => {
      // A key held down for long would type into whatever takes the focus meanwhile.
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
