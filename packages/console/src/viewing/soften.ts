/**
 * Blur and grey on the pixels themselves, so that no browser can leave them out.
 * @module
 */

/** A picture's pixels: red, green, blue and opacity, a byte each, row by row. */
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

/** Blurs pixels, in place: three box blurs, close to a Gaussian of this standard deviation in pixels. */
export function blur({ width, height, data }: Pixels, sigmaPx: number): void {
  const radius = Math.round((Math.sqrt(4 * sigmaPx * sigmaPx + 1) - 1) / 2)
  if (radius < 1) return
  for (let pass = 0; pass < 3; pass++) {
    for (let row = 0; row < height; row++) blurLine(data, row * width * 4, 4, width, radius)
    for (let column = 0; column < width; column++) blurLine(data, column * 4, width * 4, height, radius)
  }
}

/** One row or column; at the ends the last pixel is repeated. */
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
