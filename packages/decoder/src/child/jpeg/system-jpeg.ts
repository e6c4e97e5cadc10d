import type { Pixels } from "../pixels.ts"
import { releaseMemory } from "../pixels.ts"
import { jpegFrame } from "./jpeg-frame.ts"
import { loadTurboLibrary, type TurboHandle } from "./turbo-library.ts"

/**
 * Decodes a plain JPEG that was walked to its end, to the same pixels as sharp.
 *
 * @returns `undefined` where the JPEG is not plain, is larger than `maxPixels` or causes a warning: sharp then decodes
 * it.
 */
export type SystemJpeg = (bytes: Uint8Array, maxPixels: number) => Promise<Pixels | undefined>

/** Larger pictures gain little, and memory was measured with sharp. */
const MAX_PIXELS = 16 * 1024 * 1024

/**
 * Larger pictures, and progressive ones, which may have many scans, are decoded on another thread, so that the child
 * keeps talking. For the others, the thread would cost a quarter of the decode.
 */
const MAX_PIXELS_HERE = 1024 * 1024

/** Loads the system's JPEG decoder; `undefined` where there is none that gives the same pixels as sharp. */
export function loadSystemJpeg(): SystemJpeg | undefined {
  const library = loadTurboLibrary()
  if (library === undefined) return undefined
  const idle: TurboHandle[] = []

  return async (bytes, maxPixels) => {
    const frame = jpegFrame(bytes)
    if (frame === undefined || !frame.isPlain) return undefined
    const { width, height } = frame
    if (width * height > Math.min(maxPixels, MAX_PIXELS)) return undefined
    const handle = idle.pop() ?? library.open()
    if (handle === undefined) return undefined
    const data = Buffer.allocUnsafeSlow(width * height * 3)
    const release = () => releaseMemory(data)
    const job = { bytes, width, height, out: data }
    const isQuick = frame.isSequential && width * height <= MAX_PIXELS_HERE
    const isDecoded = isQuick ? library.decode(handle, job) : await library.decodeOnThread(handle, job)
    idle.push(handle)
    if (isDecoded) return { data, width, height, channels: 3, release }
    release()
    return undefined
  }
}
