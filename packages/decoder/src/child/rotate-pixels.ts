import { type Pixels, releaseMemory } from "./pixels.ts"

/** Turns pixels by an EXIF orientation of 2 to 8 (EXIF 2.32, 4.6.5), in new memory. */
export function rotatePixels({ data, width, height, channels }: Pixels, orientation: number): Pixels {
  const isOnSide = orientation >= 5
  const out = { width: isOnSide ? height : width, height: isOnSide ? width : height }
  // Steps in the stored pixels along a shown row and to the next row.
  const isMirrored = orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8
  const isFlipped = orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7
  const origin = (isMirrored ? width - 1 : 0) + (isFlipped ? height - 1 : 0) * width
  const alongColumns = isMirrored ? -1 : 1
  const alongRows = isFlipped ? -width : width
  const [along, down] = isOnSide ? [alongRows, alongColumns] : [alongColumns, alongRows]
  const shown = new Uint8Array(data.length)
  let to = 0
  for (let row = 0; row < out.height; row++) {
    let from = (origin + row * down) * channels
    for (let column = 0; column < out.width; column++, from += along * channels) {
      for (let i = 0; i < channels; i++) shown[to++] = data[from + i] ?? 0
    }
  }
  return { data: shown, ...out, channels, release: () => releaseMemory(shown) }
}
