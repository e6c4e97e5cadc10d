import { useEffect, useRef } from "react"

/** Calls `onIdle` after `idleMs` without a key or pointer input, while `isWatched`. */
export function useIdle(isWatched: boolean, idleMs: number, onIdle: () => void): void {
  const latest = useRef(onIdle)
  latest.current = onIdle
  useEffect(() => {
    if (!isWatched) return
    let timer = setTimeout(() => latest.current(), idleMs)
    const stir = () => {
      clearTimeout(timer)
      timer = setTimeout(() => latest.current(), idleMs)
    }
    const kinds = ["keydown", "pointerdown", "pointermove"] as const
    for (const kind of kinds) window.addEventListener(kind, stir)
    return () => {
      clearTimeout(timer)
      for (const kind of kinds) window.removeEventListener(kind, stir)
    }
  }, [isWatched, idleMs])
}
