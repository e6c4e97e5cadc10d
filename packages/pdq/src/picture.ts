import { PdqError } from "./errors.ts"
import type { HashOptions, PdqKernel, PdqProfile, PixelRectangle } from "./types.ts"

/** Below this side a picture has no hash: all bits and the quality are zero. */
export const MIN_SIDE = 5

/** Greatest side: up to it, a filter window and its layout are counted exactly. */
const MAX_SIDE = 2 ** 24

/** Side to which `ref512nn` stretches larger pictures. */
export const NEAREST_SIDE = 512

/** A checked picture: the part to hash is inside the pixels. */
export interface Picture {
  /** Pixels in a row of the whole picture. */
  readonly rowPixels: number
  readonly channels: 1 | 3 | 4
  readonly area: PixelRectangle
  readonly profile: PdqProfile
  readonly kernel: PdqKernel
}

/**
 * Checks pixels against their description.
 *
 * @throws {PdqError} `pixels_malformed` if anything does not fit.
 */
export function checkPicture(pixels: Uint8Array, options: HashOptions): Picture {
  const { width, height, channels, profile = "fullres", kernel = "exact" } = options
  assertCount("width", width, 1)
  assertCount("height", height, 1)
  if (width > MAX_SIDE || height > MAX_SIDE) malformed(`sides of at most ${MAX_SIDE}`, Math.max(width, height))
  if (channels !== 1 && channels !== 3 && channels !== 4) malformed("channels 1, 3 or 4", channels)
  if (profile !== "fullres" && profile !== "ref512nn") malformed("profile fullres or ref512nn", profile)
  if (kernel !== "exact" && kernel !== "fast") malformed("kernel exact or fast", kernel)
  if (!(pixels instanceof Uint8Array)) malformed("pixels in a Uint8Array", pixels)
  const sizeBytes = width * height * channels
  if (pixels.length !== sizeBytes) malformed(`${sizeBytes} bytes of pixels`, pixels.length)
  const area = options.crop ?? { left: 0, top: 0, width, height }
  assertCount("crop left", area.left, 0)
  assertCount("crop top", area.top, 0)
  assertCount("crop width", area.width, 1)
  assertCount("crop height", area.height, 1)
  if (area.left + area.width > width) malformed(`a crop of at most ${width} columns`, area.left + area.width)
  if (area.top + area.height > height) malformed(`a crop of at most ${height} rows`, area.top + area.height)
  return { rowPixels: width, channels, area, profile, kernel }
}

/** Whether the picture must be stretched before it is hashed. */
export function isStretched({ profile, area }: Picture): boolean {
  return profile === "ref512nn" && (area.width > NEAREST_SIDE || area.height > NEAREST_SIDE)
}

function assertCount(name: string, value: unknown, least: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    malformed(`${name} to be a whole number of at least ${least}`, value)
  }
}

function malformed(expected: string, got: unknown): never {
  // A string may be anything, so report only its type.
  throw new PdqError("pixels_malformed", `expected ${expected}, got ${typeof got === "number" ? got : typeof got}`)
}
