/**
 * From opened bytes to pixels on a canvas, and back to nothing. No URL, no element, no cache ever holds the picture.
 * @module
 */
import { blur, toGrey } from "./soften.ts"

/** A decoded picture; `close` lets go of it. */
export interface Picture {
  readonly source: CanvasImageSource
  readonly width: number
  readonly height: number
  /** Whether the file holds this one picture and no more; `undefined` where the browser cannot tell. */
  readonly isWhole: boolean | undefined
  /** SHA-256 of the opened bytes, hexadecimal. */
  readonly contentSha256: string
  readonly close: () => void
}

/** How a picture is drawn. */
export interface Drawing {
  /** Longest side, px. */
  readonly sizePx: number
  /** Standard deviation, px. */
  readonly blurPx: number
  readonly greyscale: boolean
}

/** Types that hold one picture by their nature. */
const STILL: ReadonlySet<string> = new Set(["image/jpeg", "image/bmp"])

/**
 * Decodes a picture and overwrites the bytes, whatever comes of it.
 *
 * @throws {DOMException} where the browser cannot decode it.
 */
export async function decodePicture(bytes: Uint8Array<ArrayBuffer>, mediaType: string): Promise<Picture> {
  try {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
    const contentSha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")
    const isWhole = STILL.has(mediaType) ? true : await hasOneFrame(bytes, mediaType)
    const source = await createImageBitmap(new Blob([bytes], { type: mediaType }))
    const { width, height } = source
    return { source, width, height, isWhole, contentSha256, close: () => source.close() }
  } finally {
    bytes.fill(0)
  }
}

async function hasOneFrame(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<boolean | undefined> {
  if (!("ImageDecoder" in globalThis) || !(await ImageDecoder.isTypeSupported(type))) return undefined
  const decoder = new ImageDecoder({ data: bytes, type })
  try {
    await decoder.completed
    const track = decoder.tracks.selectedTrack
    return track === null ? undefined : !track.animated && track.frameCount === 1 && decoder.tracks.length === 1
  } catch {
    return undefined
  } finally {
    decoder.close()
  }
}

/** Draws a picture, no larger than asked and never enlarged. */
export function drawPicture(canvas: HTMLCanvasElement, picture: Picture, { sizePx, blurPx, greyscale }: Drawing): void {
  const scale = Math.min(1, sizePx / Math.max(picture.width, picture.height))
  canvas.width = Math.max(1, Math.round(picture.width * scale))
  canvas.height = Math.max(1, Math.round(picture.height * scale))
  const context = canvas.getContext("2d", { willReadFrequently: true })
  if (context === null) return
  context.imageSmoothingQuality = "high"
  context.drawImage(picture.source, 0, 0, canvas.width, canvas.height)
  if (blurPx <= 0 && !greyscale) return
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height)
  if (greyscale) toGrey(pixels)
  blur(pixels, blurPx)
  context.putImageData(pixels, 0, 0)
}

/** Takes every pixel off a canvas. */
export function clearCanvas(canvas: HTMLCanvasElement | null): void {
  if (canvas === null) return
  // Setting a size throws the pixels away, at the same size too.
  canvas.width = 1
  canvas.height = 1
}
