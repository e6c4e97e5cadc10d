/**
 * Draws opened bytes on a canvas and clears it. The picture is never in a URL, an image element or a cache.
 * @module
 */
import { blur, toGrey } from "./soften.ts"

/** A decoded picture. `close` frees it. */
export interface Picture {
  readonly source: CanvasImageSource
  readonly width: number
  readonly height: number
  /** Whether the file holds only this picture (no animation); `undefined` if the browser cannot tell. */
  readonly isWhole: boolean | undefined
  /** SHA-256 of the opened bytes, in hex. */
  readonly contentSha256: string
  readonly close: () => void
}

/** Options for drawing a picture. */
export interface DrawingOptions {
  /** Longest side, px. */
  readonly sizePx: number
  /** Standard deviation of the blur, px. */
  readonly blurPx: number
  readonly greyscale: boolean
}

/** Media types that hold exactly one picture. */
const STILL: ReadonlySet<string> = new Set(["image/jpeg", "image/bmp"])

/**
 * Decodes a picture, and overwrites the bytes whether that succeeds or not.
 *
 * @throws {DOMException} if the browser cannot decode it.
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

/** Draws a picture at most as large as asked, and never enlarged. */
export function drawPicture(
  canvas: HTMLCanvasElement,
  picture: Picture,
  { sizePx, blurPx, greyscale }: DrawingOptions,
): void {
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

/** Erases every pixel of a canvas. */
export function clearCanvas(canvas: HTMLCanvasElement | null): void {
  if (canvas === null) return
  // Setting a size erases the pixels, even if the size stays the same.
  canvas.width = 1
  canvas.height = 1
}
