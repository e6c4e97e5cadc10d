/**
 * Viewing while holding: asks once the ring is full, opens while the hand is down, lets go of everything when it is not.
 * @module
 */
import { useQueryClient } from "@tanstack/react-query"
import { type RefObject, useCallback, useEffect, useRef, useState } from "react"
import { AT_REST, advance, changesAtMs, type Hold, press, release, shownMsAt } from "./hold.ts"
import { clearCanvas, type Drawing, decodePicture, drawPicture, type Picture } from "./picture.ts"
import { endViewing, openSealed, type SealedViewing } from "./request-viewing.ts"
import { useIdle } from "./use-idle.ts"

/** The ring fills in this time: nothing flashes by accident. */
export const FILL_MS = 600
/** How long an answer is kept, sealed, before another viewing must be asked for. */
const VIEWING_MS = 5 * 60_000
const IDLE_MS = 60_000

/** How a viewing is made. */
export interface ViewingOptions {
  readonly canvas: RefObject<HTMLCanvasElement | null>
  /** Asks for the viewing: recorded and counted. */
  readonly ask: () => Promise<SealedViewing>
  readonly drawing: Drawing
  readonly showMs: number
}

/** What is seen of it outside. */
export interface Viewing {
  readonly hold: Hold
  /** The viewing that is open, sealed. */
  readonly granted: SealedViewing | undefined
  readonly error: unknown
  /** What the last picture of this viewing was. */
  readonly seen: Pick<Picture, "contentSha256" | "isWhole"> | undefined
  /** Why the last viewing ended by itself. */
  readonly over: "expired" | "idle" | undefined
  readonly press: () => void
  readonly release: () => void
  /** Ends the viewing that is open, if one is. */
  readonly end: () => void
}

/** Binds hand, clock, custodian and canvas together. */
export function useViewing(options: ViewingOptions): Viewing {
  const client = useQueryClient()
  const latest = useRef(options)
  latest.current = options
  const [hold, setHold] = useState(AT_REST)
  const [granted, setGranted] = useState<SealedViewing>()
  const [picture, setPicture] = useState<Picture>()
  const [seen, setSeen] = useState<Viewing["seen"]>()
  const [error, setError] = useState<unknown>()
  const [over, setOver] = useState<Viewing["over"]>()
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
    setHold((before) => press(before, performance.now()))
  }, [])
  const end = useCallback(
    (why?: "expired" | "idle") => {
      clearCanvas(latest.current.canvas.current)
      const { granted: open, hold: stood } = state.current
      if (open !== undefined) {
        endViewing(open, shownMsAt(stood, performance.now()))
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

  // The full ring asks, once: a tap asks for nothing.
  useEffect(() => {
    const now = state.current
    if (phase !== "waiting" || granted !== undefined || now.isAsking) return
    now.isAsking = true
    const asking = latest.current.ask()
    void asking
      .then(
        (answer) => {
          // Closed meanwhile: nobody will see it.
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

  // Opened while held, closed and overwritten when not.
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
    // A timer may ring a moment early: then it is set again.
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

  // What may hide it besides the hand.
  useEffect(() => {
    const hidden = () => document.visibilityState === "hidden" && letGo()
    const leaving = () => end()
    window.addEventListener("blur", letGo)
    window.addEventListener("beforeprint", letGo)
    // Wherever the pointer is by now: a dialog may have come between it and the frame.
    window.addEventListener("pointerup", letGo)
    window.addEventListener("pointercancel", letGo)
    document.addEventListener("visibilitychange", hidden)
    window.addEventListener("pagehide", leaving)
    return () => {
      window.removeEventListener("blur", letGo)
      window.removeEventListener("beforeprint", letGo)
      window.removeEventListener("pointerup", letGo)
      window.removeEventListener("pointercancel", letGo)
      document.removeEventListener("visibilitychange", hidden)
      window.removeEventListener("pagehide", leaving)
    }
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

  return { hold, granted, error, seen, over, press: pressDown, release: letGo, end }
}
