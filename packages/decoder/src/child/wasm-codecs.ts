/**
 * Decoders compiled to WebAssembly, for pictures that a person will view. A picture that takes one over controls only
 * that decoder's memory, inside a child that has no access either. They are about three times slower than native
 * decoders, which does not matter for one picture.
 * @module
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { isAnimatedWebp } from "./frames-of.ts"
import { jpegFrame } from "./jpeg/jpeg-frame.ts"
import { type Pixels, releaseMemory } from "./pixels.ts"

/** Result of the codecs: RGBA, 8 bits per channel, straight alpha. */
interface Image {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
}

interface Codec {
  init(module: object): Promise<unknown>
  readonly default: (bytes: ArrayBuffer) => Promise<Image>
}

interface CodecFiles {
  readonly load: () => Promise<unknown>
  readonly module: string
}

const CODECS: Readonly<Record<string, CodecFiles>> = {
  "image/jpeg": { load: () => import("@jsquash/jpeg/decode.js"), module: "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm" },
  "image/png": { load: () => import("@jsquash/png/decode.js"), module: "@jsquash/png/codec/pkg/squoosh_png_bg.wasm" },
  "image/webp": { load: () => import("@jsquash/webp/decode.js"), module: "@jsquash/webp/codec/dec/webp_dec.wasm" },
  "image/avif": { load: () => import("@jsquash/avif/decode.js"), module: "@jsquash/avif/codec/dec/avif_dec.wasm" },
}

/** Properties of an AVIF that change the picture after decoding, and that its codec does not apply. */
const AVIF_CHANGES = ["irot", "imir", "clap"]

/** Most pixels for a codec, which keeps several copies in at most 2 GiB. */
const MAX_PIXELS = 100_000_000

/**
 * Decodes the first frame of a plain picture.
 *
 * @returns `undefined` where no such codec can decode it; the picture may still be valid.
 */
export async function decodeInWebAssembly(
  bytes: Uint8Array,
  mediaType: string,
  maxPixels: number,
): Promise<Pixels | undefined> {
  const files = CODECS[mediaType]
  const mostPixels = Math.min(maxPixels, MAX_PIXELS)
  if (files === undefined || !isPlain(bytes, mediaType, mostPixels)) return undefined
  try {
    const codec = await start(files)
    const { data, width, height } = await codec.default(Uint8Array.from(bytes).buffer)
    if (width * height > mostPixels || data.length !== width * height * 4) return undefined
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length)
    return { data: pixels, width, height, channels: 4, release: () => releaseMemory(pixels) }
  } catch {
    return undefined
  }
}

/** Whether a codec can decode the whole picture, and its size, if the header states it, is within the limit. */
function isPlain(bytes: Uint8Array, mediaType: string, mostPixels: number): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  switch (mediaType) {
    case "image/jpeg": {
      const { width = 0, height = 0, components } = jpegFrame(bytes) ?? {}
      return components !== 4 && width * height <= mostPixels
    }
    case "image/png":
      return file.length >= 24 && file.readUInt32BE(16) * file.readUInt32BE(20) <= mostPixels
    case "image/webp":
      return !isAnimatedWebp(bytes)
    default:
      return !AVIF_CHANGES.some((name) => file.includes(name))
  }
}

async function start({ load, module }: CodecFiles): Promise<Codec> {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { Module: new (bytes: Uint8Array) => object } }
  // The codecs expect this class of browsers.
  Object.assign(globalThis, { ImageData: BareImageData })
  const codec = (await load()) as Codec
  await codec.init(new WebAssembly.Module(readFileSync(fileURLToPath(import.meta.resolve(module)))))
  return codec
}

class BareImageData implements Image {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number

  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data
    this.width = width
    this.height = height
  }
}
