/**
 * Blurs and greys the pixels themselves, so that no browser can omit it.
 * @module
 */

/** Pixels in RGBA order, one byte per channel, row by row. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8ClampedArray
}

/** Makes pixels grey, in place (Rec. 709 luma). */
export function toGrey({ data }: Pixels): void {
  for (let offset = 0; offset < data.length; offset += 4) {
    const luma = 0.2126 * (data[offset] ?? 0) + 0.7152 * (data[offset + 1] ?? 0) + 0.0722 * (data[offset + 2] ?? 0)
    data.fill(luma, offset, offset + 3)
  }
}

/** Blurs pixels in place with three box blurs, close to a Gaussian blur. `sigmaPx`: standard deviation. */
export function blur({ width, height, data }: Pixels, sigmaPx: number): void {
  const radius = Math.round((Math.sqrt(4 * sigmaPx * sigmaPx + 1) - 1) / 2)
  if (radius < 1) return
  for (let pass = 0; pass < 3; pass++) {
    for (let row = 0; row < height; row++) blurLine(data, row * width * 4, 4, width, radius)
    for (let column = 0; column < width; column++) blurLine(data, column * 4, width * 4, height, radius)
  }
}

/** Blurs one row or column; the edge pixel is repeated beyond the ends. */
function blurLine(data: Uint8ClampedArray, from: number, step: number, length: number, radius: number): void {
  const line = new Uint8ClampedArray(length)
  const span = 2 * radius + 1
  for (let channel = 0; channel < 4; channel++) {
    const valueAt = (place: number) => data[from + channel + Math.min(Math.max(place, 0), length - 1) * step] ?? 0
    let sum = 0
    for (let place = -radius; place <= radius; place++) sum += valueAt(place)
    for (let place = 0; place < length; place++) {
      line[place] = sum / span
      sum += valueAt(place + radius + 1) - valueAt(place - radius)
    }
    for (let place = 0; place < length; place++) data[from + channel + place * step] = line[place] ?? 0
  }
}
