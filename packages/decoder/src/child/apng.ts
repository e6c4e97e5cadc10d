/**
 * Frames of an animated PNG (PNG third edition, 11.3.6). libvips decodes only the first picture, so each frame is made
 * a separate PNG, decoded, and composed on the canvas.
 * @module
 */
import { PNG_SIGNATURE, pngChunk } from "../png.ts"
import { decode } from "./decode.ts"
import type { FrameSource, FrameStep } from "./frame.ts"
import type { Pixels } from "./pixels.ts"

interface Chunk {
  readonly name: string
  readonly data: Buffer
}

/** Position and composition of a frame. */
interface FrameControl {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly top: number
  /** After the frame: 0 keep, 1 clear, 2 restore the previous content. */
  readonly dispose: number
  /** 0 replaces, 1 blends over. */
  readonly blend: number
}

interface CodedFrame {
  /** Absent for a first picture outside the animation. */
  readonly control: FrameControl | undefined
  readonly data: Buffer[]
}

/** Yields every picture that an animated PNG can show, including the first one for viewers without animation. */
export async function* apngFrames({ bytes, limits }: FrameSource): AsyncGenerator<FrameStep, void, void> {
  const file = parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
  if (file === undefined) return yield { kind: "failure", cause: "picture_undecodable" }
  const { header, shared, frames } = file
  const width = header.readUInt32BE(0)
  const height = header.readUInt32BE(4)
  if (width * height > limits.maxPixels) return yield { kind: "failure", cause: "pixel_limit" }
  const canvas = new Uint8Array(width * height * 4)
  for (const { control, data } of frames) {
    const area = control ?? { width, height, left: 0, top: 0, dispose: 1, blend: 0 }
    if (area.left + area.width > width || area.top + area.height > height || area.width * area.height === 0) {
      yield { kind: "failure", cause: "picture_undecodable" }
      continue
    }
    const decoded = await decode(standalone(header, shared, { area, data }), {
      failOn: "warning",
      limitInputPixels: limits.maxPixels,
    })
    if (typeof decoded === "string") {
      yield { kind: "failure", cause: decoded }
      continue
    }
    const before = area.dispose === 2 ? canvas.slice() : undefined
    draw(canvas, width, { pixels: decoded.pixels, area })
    decoded.pixels.release()
    yield {
      kind: "frame",
      pixels: { data: canvas, width, height, channels: 4, release() {} },
      isDamaged: decoded.isDamaged,
    }
    if (before !== undefined) canvas.set(before)
    if (area.dispose === 1) clear(canvas, width, area)
  }
}

function parse(file: Buffer): { header: Buffer; shared: Chunk[]; frames: CodedFrame[] } | undefined {
  const frames: CodedFrame[] = []
  const shared: Chunk[] = []
  let header: Buffer | undefined
  let control: FrameControl | undefined
  for (const { name, data } of chunksOf(file)) {
    if (name === "IHDR" && data.length === 13) header = data
    else if (name === "fcTL" && data.length === 26) control = controlOf(data)
    else if (name === "IDAT") add(data)
    else if (name === "fdAT") add(data.subarray(4))
    else if (["PLTE", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT"].includes(name)) shared.push({ name, data })
  }
  return header === undefined || frames.length === 0 ? undefined : { header, shared, frames }

  function add(data: Buffer): void {
    const last = frames.at(-1)
    if (last !== undefined && last.control === control) last.data.push(data)
    else frames.push({ control, data: [data] })
  }
}

function* chunksOf(file: Buffer): Generator<Chunk> {
  for (let offset = 8; offset + 8 <= file.length; ) {
    const size = file.readUInt32BE(offset)
    // A truncated last chunk still gives its data.
    yield { name: file.toString("latin1", offset + 4, offset + 8), data: file.subarray(offset + 8, offset + 8 + size) }
    offset += 12 + size
  }
}

function controlOf(data: Buffer): FrameControl {
  return {
    width: data.readUInt32BE(4),
    height: data.readUInt32BE(8),
    left: data.readUInt32BE(12),
    top: data.readUInt32BE(16),
    dispose: data[24] ?? 0,
    blend: data[25] ?? 0,
  }
}

function standalone(
  header: Buffer,
  shared: readonly Chunk[],
  { area, data }: { readonly area: FrameControl; readonly data: readonly Buffer[] },
): Buffer {
  const own = Buffer.from(header)
  own.writeUInt32BE(area.width, 0)
  own.writeUInt32BE(area.height, 4)
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk("IHDR", own),
    ...shared.map((chunk) => pngChunk(chunk.name, chunk.data)),
    ...data.map((part) => pngChunk("IDAT", part)),
    pngChunk("IEND", Buffer.alloc(0)),
  ])
}

function draw(
  canvas: Uint8Array,
  canvasWidth: number,
  { pixels, area }: { readonly pixels: Pixels; readonly area: FrameControl },
): void {
  const { data, channels, width, height } = pixels
  for (let y = 0; y < height; y++) {
    let to = ((area.top + y) * canvasWidth + area.left) * 4
    let from = y * width * channels
    for (let x = 0; x < width; x++, to += 4, from += channels) {
      const alpha = channels === 4 ? (data[from + 3] ?? 0) : 255
      const isOver = area.blend === 1 && alpha < 255
      const below = isOver ? (canvas[to + 3] ?? 0) * (1 - alpha / 255) : 0
      const sum = alpha + below
      for (let i = 0; i < 3; i++) {
        const own = data[from + i] ?? 0
        canvas[to + i] = isOver && sum > 0 ? (own * alpha + (canvas[to + i] ?? 0) * below) / sum : own
      }
      canvas[to + 3] = isOver ? sum : alpha
    }
  }
}

function clear(canvas: Uint8Array, canvasWidth: number, area: FrameControl): void {
  for (let y = 0; y < area.height; y++) {
    const start = ((area.top + y) * canvasWidth + area.left) * 4
    canvas.fill(0, start, start + area.width * 4)
  }
}
