import type { Decoded, Decoder } from "./decoder.ts"

const FIRST = 0xe0020
const LAST = 0xe007e

/** Decodes texts in tag characters (U+E0020 to U+E007E), which are invisible but which models read. */
export const tags: Decoder = (source) => {
  const texts: Decoded[] = []
  if (!source.includes("\udb40")) return { texts, openFrom: source.length }
  let text = ""
  let positions: number[] = []
  const end = (reachesEnd: boolean) => {
    if (positions.length > 0) texts.push({ text, positions, reachesEnd })
    text = ""
    positions = []
  }
  for (let i = 0; i < source.length; i++) {
    const point = source.codePointAt(i) as number
    if (point >= FIRST && point <= LAST) {
      text += String.fromCharCode(point - 0xe0000)
      positions.push(i)
    } else end(false)
    if (point > 0xffff) i++
  }
  end(true)
  return { texts, openFrom: source.length }
}
