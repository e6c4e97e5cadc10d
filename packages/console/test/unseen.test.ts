import { expect, it } from "vitest"
import { markTurning, markUnseen } from "../src/parts/unseen.ts"

const OVERRIDE = String.fromCodePoint(0x202e)
const JOINER = String.fromCodePoint(0x200d)
const ESCAPE = String.fromCodePoint(0x1b)

it("direction-changing characters are written out, so that an address reads as it is", () => {
  expect(markUnseen(`https://pictures.example/${OVERRIDE}gpj.exe`)).toBe("https://pictures.example/⟨U+202E⟩gpj.exe")
  expect(markTurning(`one${OVERRIDE}two${ESCAPE}[2J`)).toBe("one⟨U+202E⟩two⟨U+001B⟩[2J")
})

it("zero-width characters are written out in names, and kept in prose, where scripts need them", () => {
  const family = `\u{1F469}${JOINER}\u{1F467}`
  expect(markUnseen(`acc${JOINER}ount`)).toBe("acc⟨U+200D⟩ount")
  expect(markTurning(`${family}\n\tבוקר טוב`)).toBe(`${family}\n\tבוקר טוב`)
})
