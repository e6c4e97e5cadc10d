import { NEAREST_SIDE, type Picture } from "./picture.ts"

/**
 * Stretches a part of a picture to 512x512 by nearest neighbour: column x comes from floor(x * width / 512), rows
 * likewise, as in the C++ tool.
 *
 * @param strip - whole rows of 512 pixels to fill, from row `firstRow` of the stretched picture on.
 */
export function gatherNearest(pixels: Uint8Array, picture: Picture, strip: Uint8Array, firstRow: number): void {
  const { area, channels, rowPixels } = picture
  const columns = new Uint32Array(NEAREST_SIDE)
  for (let x = 0; x < NEAREST_SIDE; x++) columns[x] = Math.floor((x * area.width) / NEAREST_SIDE) * channels
  let out = 0
  // Sources are inside the picture's area, which the caller checked.
  for (let row = firstRow; out < strip.length; row++) {
    const sourceRow = area.top + Math.floor((row * area.height) / NEAREST_SIDE)
    const start = (sourceRow * rowPixels + area.left) * channels
    for (const column of columns) {
      const from = start + column
      strip[out++] = pixels[from]!
      if (channels === 1) continue
      strip[out++] = pixels[from + 1]!
      strip[out++] = pixels[from + 2]!
      if (channels === 4) out++
    }
  }
}
