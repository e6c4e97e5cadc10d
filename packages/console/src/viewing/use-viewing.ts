/**
 * Hold-to-view: requests the viewing when the ring is full, decodes the picture while held, and frees it on release.
 * @module
 */
import { useQueryClient } from "@tanstack/react-query"
import { type RefObject, useCallback, useEffect, useRef, useState } from "react"
import { AT_REST, advance, changesAtMs, type Hold, release, shownMsAt, startHold } from "./hold.ts"
import { clearCanvas, type DrawingOptions, decodePicture, drawPicture, type Picture } from "./picture.ts"
import { endViewing, openSealed, type SealedViewing } from "./request-viewing.ts"
import { useIdle } from "./use-idle.ts"

/** The ring fills for this long, so that nothing is shown by accident. */
export const FILL_MS = 600
/** How long a sealed answer is kept; after that, another viewing must be requested. */
const VIEWING_MS = 5 * 60_000
const IDLE_MS = 60_000

/** Options of {@link useViewing}; `showMs` is how long the picture is visible at most. */
export interface ViewingOptions {
  readonly canvas: RefObject<HTMLCanvasElement | null>
  /** Requests the viewing, which is recorded and counted. */
  readonly ask: () => Promise<SealedViewing>
  readonly drawing: DrawingOptions
  readonly showMs: number
}

/** The state of a viewing, and its controls. */
export interface Viewing {
  readonly hold: Hold
  /** The current viewing, sealed. */
  readonly granted: SealedViewing | undefined
  readonly error: unknown
  /** Facts of the picture that this viewing showed last. */
  readonly lastShown: Pick<Picture, "contentSha256" | "isWhole"> | undefined
  /** Why the last viewing ended without the person's action. */
  readonly endReason: "expired" | "idle" | undefined
  readonly press: () => void
  readonly release: () => void
  /** Ends the current viewing, if there is one. */
  readonly end: () => void
}

/** Connects press and release, timers, the custodian and the canvas. */
export function useViewing(options: ViewingOptions): Viewing {
  const client = useQueryClient()
  const latest = useRef(options)
  latest.current = options
  const [hold, setHold] = useState(AT_REST)
  const [granted, setGranted] = useState<SealedViewing>()
  const [picture, setPicture] = useState<Picture>()
  const [lastShown, setSeen] = useState<Viewing["lastShown"]>()
  const [error, setError] = useState<unknown>()
  const [endReason, setOver] = useState<Viewing["endReason"]>()
  const state = useRef({ hold, granted, isAsking: false, isMounted: false })
  state.current.hold = hold
  state.current.granted = granted
  const { phase } = hold
  const isHeld = phase === "filling" || phase === "waiting" || phase === "showing"
  const { showMs } = options

  const letGo = useCallback(() => {
    clearCanvas(latest.current.canvas.current)
    setHold((before) => release(before, performance.now()))
  }, [])
  const pressDown = useCallback(() => {
    setError(undefined)
    setOver(undefined)
    setHold((before) => startHold(before, performance.now()))
  }, [])
  const end = useCallback(
    (why?: "expired" | "idle") => {
      clearCanvas(latest.current.canvas.current)
      const { granted: open, hold: current } = state.current
      if (open !== undefined) {
        endViewing(open, shownMsAt(current, performance.now()))
        state.current.granted = undefined
        void client.invalidateQueries({ queryKey: ["exposure"] })
      }
      setGranted(undefined)
      setHold(AT_REST)
      setSeen(undefined)
      setOver(open === undefined ? undefined : why)
    },
    [client],
  )

  // Requested once the ring is full, so that a tap requests nothing.
  useEffect(() => {
    const now = state.current
    if (phase !== "waiting" || granted !== undefined || now.isAsking) return
    now.isAsking = true
    const asking = latest.current.ask()
    void asking
      .then(
        (answer) => {
          // The dialog was closed meanwhile: nobody will see it.
          if (state.current.isMounted) setGranted(answer)
          else endViewing(answer, 0)
        },
        (failure: unknown) => {
          setError(failure)
          letGo()
        },
      )
      .finally(() => {
        state.current.isAsking = false
        void client.invalidateQueries({ queryKey: ["exposure"] })
      })
  }, [phase, granted, client, letGo])

  // Opens the sealed answer while held; closes and overwrites it on release.
  useEffect(() => {
    if (!isHeld || granted === undefined) return
    let isWanted = true
    let opened: Picture | undefined
    void openSealed(granted)
      .then((bytes) => (isWanted ? decodePicture(bytes, granted.answer.mediaType) : bytes.fill(0) && undefined))
      .then(
        (made) => {
          if (made === undefined) return
          if (!isWanted) return made.close()
          opened = made
          setPicture(made)
        },
        (failure: unknown) => {
          if (!isWanted) return
          setError(failure)
          letGo()
        },
      )
    return () => {
      isWanted = false
      opened?.close()
      setPicture(undefined)
      clearCanvas(latest.current.canvas.current)
    }
  }, [isHeld, granted, letGo])

  useEffect(() => {
    const times = { fillMs: FILL_MS, showMs }
    const isReady = picture !== undefined
    setHold((before) => advance(before, performance.now(), isReady, times))
    const atMs = changesAtMs(hold, times)
    if (atMs === undefined) return
    let timer: ReturnType<typeof setTimeout>
    // A timer may fire slightly early: then it is set again.
    const watch = () => {
      timer = setTimeout(
        () => {
          setHold((before) => advance(before, performance.now(), isReady, times))
          watch()
        },
        Math.max(10, atMs - performance.now()),
      )
    }
    watch()
    return () => clearTimeout(timer)
  }, [hold, picture, showMs])

  useEffect(() => {
    const { canvas, drawing } = latest.current
    if (phase !== "showing" || picture === undefined || canvas.current === null) return
    drawPicture(canvas.current, picture, drawing)
    setSeen({ contentSha256: picture.contentSha256, isWhole: picture.isWhole })
  }, [phase, picture])

  // Events other than release that hide the picture.
  useEffect(() => {
    const hidden = () => document.visibilityState === "hidden" && letGo()
    const leaving = () => end()
    const stop = new AbortController()
    const { signal } = stop
    window.addEventListener("blur", letGo, { signal })
    window.addEventListener("beforeprint", letGo, { signal })
    // On the window, because a dialog may now cover the frame.
    window.addEventListener("pointerup", letGo, { signal })
    window.addEventListener("pointercancel", letGo, { signal })
    document.addEventListener("visibilitychange", hidden, { signal })
    window.addEventListener("pagehide", leaving, { signal })
    return () => stop.abort()
  }, [letGo, end])

  useEffect(() => {
    if (granted === undefined) return
    const expiry = setTimeout(() => end("expired"), VIEWING_MS)
    return () => clearTimeout(expiry)
  }, [granted, end])
  useIdle(granted !== undefined, IDLE_MS, () => end("idle"))

  useEffect(() => {
    state.current.isMounted = true
    return () => {
      state.current.isMounted = false
      end()
    }
  }, [end])

  return { hold, granted, error, lastShown, endReason, press: pressDown, release: letGo, end }
}
