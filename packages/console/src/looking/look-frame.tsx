/**
 * The frame that a picture appears in while a hand is down, and the ring that fills before.
 * @module
 */
import { type ReactNode, type Ref, useEffect, useRef } from "react"
import { looking as say } from "#messages/looking.ts"
import { FILL_MS, type Seeing } from "./use-seeing.ts"

const RING = 2 * Math.PI * 46

/** Hold it, with a pointer or with Space, to see. */
export function LookFrame({
  seeing,
  canvas,
  isLarge,
  isOff,
  onPress,
}: {
  readonly seeing: Seeing
  readonly canvas: Ref<HTMLCanvasElement>
  /** An original may take the window's height. */
  readonly isLarge: boolean
  /** Whether holding does nothing now. */
  readonly isOff: boolean
  readonly onPress: () => void
}): ReactNode {
  const frame = useRef<HTMLButtonElement>(null)
  const { phase } = seeing.hold
  useEffect(() => frame.current?.focus({ preventScroll: true }), [])
  return (
    <button
      type="button"
      ref={frame}
      data-hold
      data-autofocus
      className={isLarge ? "look-frame look-frame-large" : "look-frame"}
      data-phase={phase}
      aria-label={say.hold.frame}
      aria-describedby="look-hint"
      aria-disabled={isOff}
      onPointerDown={(event) => {
        if (isOff || event.button !== 0) return
        event.preventDefault()
        frame.current?.focus({ preventScroll: true })
        onPress()
      }}
      onPointerLeave={seeing.release}
      onContextMenu={(event) => event.preventDefault()}
      onDragStart={(event) => event.preventDefault()}
    >
      <canvas ref={canvas} className="look-canvas" hidden={phase !== "showing"} />
      {phase !== "showing" && (
        <svg className="look-ring" viewBox="0 0 100 100" aria-hidden="true">
          <circle className="look-ring-track" cx="50" cy="50" r="46" />
          {(phase === "filling" || phase === "waiting") && (
            <circle
              className="look-ring-fill"
              cx="50"
              cy="50"
              r="46"
              strokeDasharray={RING}
              style={{ animationDuration: `${FILL_MS}ms` }}
            />
          )}
        </svg>
      )}
    </button>
  )
}
