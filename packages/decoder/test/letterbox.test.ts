import { describe, expect, it } from "vitest"
import { blurredBars } from "../src/child/bars/blurred.ts"
import { linesOf } from "../src/child/bars/lines.ts"
import { looseBar } from "../src/child/bars/loose.ts"
import { plainBar } from "../src/child/bars/plain.ts"
import { findLetterboxes } from "../src/child/letterbox.ts"
import { blurredBars as formerBlurredBars } from "./former-letterbox/bars/blurred.ts"
import { linesOf as formerLinesOf } from "./former-letterbox/bars/lines.ts"
import { looseBar as formerLooseBar } from "./former-letterbox/bars/loose.ts"
import { plainBar as formerPlainBar } from "./former-letterbox/bars/plain.ts"
import { findLetterboxes as findFormerly } from "./former-letterbox/letterbox.ts"
import { framedPicture } from "./framed-pictures.ts"

const SEEDS = Array.from({ length: 4000 }, (_, seed) => seed)
const SIDES = ["top", "bottom", "left", "right"] as const

describe("the quick search for bars", () => {
  it("finds the same parts of any picture as the former search", () => {
    let framed = 0
    for (const seed of SEEDS) {
      const pixels = framedPicture(seed)
      const wanted = findFormerly(pixels)
      if (wanted.length > 0) framed++
      expect(findLetterboxes(pixels), `seed ${seed}`).toEqual(wanted)
    }
    expect(framed).toBeGreaterThan(SEEDS.length / 4)
    expect(framed).toBeLessThan((SEEDS.length * 9) / 10)
  })

  it("counts the same lines of each kind of bar at each side as the former search", () => {
    const found = { plain: 0, loose: 0, blurred: 0 }
    for (const seed of SEEDS) {
      const pixels = framedPicture(seed)
      const whole = { left: 0, top: 0, width: pixels.width, height: pixels.height }
      for (const side of SIDES) {
        const former = formerLinesOf(pixels, whole, side)
        const lines = linesOf(pixels, whole, side)
        const wanted = { plain: formerPlainBar(former), loose: formerLooseBar(former) }
        expect({ plain: plainBar(lines), loose: looseBar(lines) }, `seed ${seed}, ${side}`).toEqual(wanted)
        if (wanted.plain > 0) found.plain++
        if (wanted.loose > 0) found.loose++
        if (whole.width < 32 || whole.height < 32) continue
        const blurred = formerBlurredBars(former)
        expect(blurredBars(lines), `seed ${seed}, ${side}`).toEqual(blurred)
        if (blurred.before > 0) found.blurred++
      }
    }
    expect(Math.min(found.plain, found.loose, found.blurred)).toBeGreaterThan(SEEDS.length / 40)
  })
})
