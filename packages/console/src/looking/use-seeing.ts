/**
 * Looking while holding: asks once the ring is full, opens while the hand is down, lets go of everything when it is not.
 * @module
 */
import { useQueryClient } from "@tanstack/react-query"
import { type RefObject, useCallback, useEffect, useRef, useState } from "react"
import { endLook, openSealed, type SealedLook } from "./ask.ts"
import { AT_REST, advance, changesAtMs, type Hold, press, release, shownMsAt } from "./hold.ts"
import { clearCanvas, type Drawing, decodePicture, drawPicture, type Picture } from "./picture.ts"
import { useIdle } from "./use-idle.ts"

/** The ring fills in this time: nothing flashes by accident. */
export const FILL_MS = 600
/** How long an answer is kept, sealed, before another look must be asked for. */
const LOOK_MS = 5 * 60_000
const IDLE_MS = 60_000

/** How a look is made. */
export interface SeeingOptions {
  readonly canvas: RefObject<HTMLCanvasElement | null>
  /** Asks for the look: recorded and counted. */
  readonly ask: () => Promise<SealedLook>
  readonly drawing: Drawing
  readonly showMs: number
}

/** What is seen of it outside. */
export interface Seeing {
  readonly hold: Hold
  /** The look that is open, sealed. */
  readonly look: SealedLook | undefined
  readonly error: unknown
  /** What the last picture of this look was. */
  readonly seen: Pick<Picture, "contentSha256" | "isWhole"> | undefined
  /** Why the last look ended by itself. */
  readonly over: "expired" | "idle" | undefined
  readonly press: () => void
  readonly release: () => void
  /** Ends the look that is open, if one is. */
  readonly end: () => void
}

/** Binds hand, clock, custodian and canvas together. */
export function useSeeing(options: SeeingOptions): Seeing {
  const client = useQueryClient()
  const latest = useRef(options)
  latest.current = options
  const [hold, setHold] = useState(AT_REST)
  const [look, setLook] = useState<SealedLook>()
  const [picture, setPicture] = useState<Picture>()
  const [seen, setSeen] = useState<Seeing["seen"]>()
  const [error, setError] = useState<unknown>()
  const [over, setOver] = useState<Seeing["over"]>()
  const state = useRef({ hold, look, isAsking: false, isMounted: false })
  state.current.hold = hold
  state.current.look = look
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
      const { look: open, hold: stood } = state.current
      if (open !== undefined) {
        endLook(open, shownMsAt(stood, performance.now()))
        state.current.look = undefined
        void client.invalidateQueries({ queryKey: ["exposure"] })
      }
      setLook(undefined)
      setHold(AT_REST)
      setSeen(undefined)
      setOver(open === undefined ? undefined : why)
    },
    [client],
  )

  // The full ring asks, once: a tap asks for nothing.
  useEffect(() => {
    const now = state.current
    if (phase !== "waiting" || look !== undefined || now.isAsking) return
    now.isAsking = true
    const asking = latest.current.ask()
    void asking
      .then(
        (answer) => {
          // Closed meanwhile: nobody will see it.
          if (state.current.isMounted) setLook(answer)
          else endLook(answer, 0)
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
  }, [phase, look, client, letGo])

  // Opened while held, closed and overwritten when not.
  useEffect(() => {
    if (!isHeld || look === undefined) return
    let isWanted = true
    let opened: Picture | undefined
    void openSealed(look)
      .then((bytes) => (isWanted ? decodePicture(bytes, look.answer.mediaType) : bytes.fill(0) && undefined))
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
  }, [isHeld, look, letGo])

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
    if (look === undefined) return
    const expiry = setTimeout(() => end("expired"), LOOK_MS)
    return () => clearTimeout(expiry)
  }, [look, end])
  useIdle(look !== undefined, IDLE_MS, () => end("idle"))

  useEffect(() => {
    state.current.isMounted = true
    return () => {
      state.current.isMounted = false
      end()
    }
  }, [end])

  return { hold, look, error, seen, over, press: pressDown, release: letGo, end }
}
