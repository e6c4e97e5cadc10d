import { type ReactNode, type Ref, useEffect, useRef } from "react"
import { viewing as say } from "#messages/viewing.ts"
import { FILL_MS, type Viewing } from "./use-viewing.ts"

const RING = 2 * Math.PI * 46

/** The frame to hold, with the pointer or Space. The ring fills first, then the picture is visible while held. */
export function ViewingFrame({
  viewing,
  canvas,
  isLarge,
  isOff,
  onPress,
}: {
  readonly viewing: Viewing
  readonly canvas: Ref<HTMLCanvasElement>
  /** Whether it may take the window's height, as for an original. */
  readonly isLarge: boolean
  /** Whether holding has no effect now. */
  readonly isOff: boolean
  readonly onPress: () => void
}): ReactNode {
  const frame = useRef<HTMLButtonElement>(null)
  const { phase } = viewing.hold
  useEffect(() => frame.current?.focus({ preventScroll: true }), [])
  return (
    <button
      type="button"
      ref={frame}
      data-hold
      data-autofocus
      className={isLarge ? "viewing-frame viewing-frame-large" : "viewing-frame"}
      data-phase={phase}
      aria-label={say.hold.frame}
      aria-describedby="viewing-hint"
      aria-disabled={isOff}
      onPointerDown={(event) => {
        if (isOff || event.button !== 0) return
        event.preventDefault()
        frame.current?.focus({ preventScroll: true })
        onPress()
      }}
      onPointerLeave={viewing.release}
      onContextMenu={(event) => event.preventDefault()}
      onDragStart={(event) => event.preventDefault()}
    >
      <canvas ref={canvas} className="viewing-canvas" hidden={phase !== "showing"} />
      {phase !== "showing" && (
        <svg className="viewing-ring" viewBox="0 0 100 100" aria-hidden="true">
          <circle className="viewing-ring-track" cx="50" cy="50" r="46" />
          {(phase === "filling" || phase === "waiting") && (
            <circle
              className="viewing-ring-fill"
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
