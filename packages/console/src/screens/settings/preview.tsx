import type { ViewingPreferences } from "@nightlight/contract/server"
import { type ReactNode, useEffect, useRef } from "react"
import { drawPicture, type Picture } from "../../viewing/picture.ts"
import { settings } from "./words.ts"

const SIDE = 256
/** The custodian's blur of derivatives, as installed by default. */
const CUSTODIAN_BLUR_PX = 4

/** A drawn shape as a viewing with these settings would show it. The settings are never tried on anything else. */
export function Preview({ viewing }: { readonly viewing: ViewingPreferences }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { sizePx, blurPx, greyscale } = viewing
  useEffect(() => {
    if (canvas.current === null) return
    const shape = drawnShape()
    if (shape === undefined) return
    // Blurs combine as the square root of the sum of their squares.
    const whole = Math.hypot(CUSTODIAN_BLUR_PX * (sizePx / SIDE), blurPx)
    drawPicture(canvas.current, shape, { sizePx, blurPx: whole, greyscale })
  }, [sizePx, blurPx, greyscale])
  return (
    <figure className="settings-preview">
      <div className="settings-preview-frame">
        <canvas ref={canvas} role="img" aria-label={settings.viewing.preview} />
      </div>
      <figcaption className="quiet">{settings.viewing.preview}</figcaption>
    </figure>
  )
}

/** A lighthouse by the sea, drawn on a canvas. */
function drawnShape(): Picture | undefined {
  const source = document.createElement("canvas")
  source.width = SIDE
  source.height = SIDE
  const pen = source.getContext("2d")
  if (pen === null) return undefined
  const fill = (colour: string, path: () => void) => {
    pen.fillStyle = colour
    pen.beginPath()
    path()
    pen.fill()
  }
  fill("#bcd7e6", () => pen.rect(0, 0, SIDE, 176))
  fill("#2f6f8f", () => pen.rect(0, 176, SIDE, 80))
  fill("#f2c14e", () => pen.arc(58, 58, 26, 0, 2 * Math.PI))
  fill("#5b6b3a", () => pen.ellipse(186, 196, 84, 34, 0, 0, 2 * Math.PI))
  fill("#f7f3ea", () => {
    pen.moveTo(160, 186)
    pen.lineTo(170, 78)
    pen.lineTo(198, 78)
    pen.lineTo(208, 186)
  })
  fill("#b5442e", () => pen.rect(166, 112, 36, 22))
  fill("#b5442e", () => pen.rect(162, 154, 44, 22))
  fill("#33373d", () => pen.rect(172, 58, 24, 20))
  fill("#33373d", () => {
    pen.moveTo(166, 58)
    pen.lineTo(184, 40)
    pen.lineTo(202, 58)
  })
  return { source, width: SIDE, height: SIDE, isWhole: true, contentSha256: "", close: () => undefined }
}
