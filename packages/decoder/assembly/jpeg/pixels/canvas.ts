/** Whether a picture's pixels are made while it is walked, and where its samples and pixels lie. */
import {
  ACROSS,
  componentAt,
  count,
  DOWN,
  height,
  ID,
  isProgressive,
  mostAcross,
  PLANE,
  PLANE_STRIDE,
  SAMPLES_ACROSS,
  SAMPLES_DOWN,
  STEP_ID,
  unitColumns,
  unitRows,
  width,
} from "../frame"
import { BYTES, SEGMENTS, grow } from "../memory"
import { hasSteps } from "./steps"

/** Longest side that libjpeg takes. */
const MAX_SIDE: u32 = 65500
/** Bytes that vectors may read or write after the last of a row. */
const SLACK: usize = 64

/** Address of the pixels, width x height x 3 bytes; 0 where none are made. */
export let pixels: usize = 0
/** Address of rows of enlarged samples, one for each of two colours, and of the sums that they are made from. */
export let enlarged: usize = 0
export let sums: usize = 0

/** Makes no pixels. */
export function forgetCanvas(): void {
  pixels = 0
}

/**
 * Lays out memory for the pixels of a plain frame, before its first scan: baseline, of grey or of three colours in
 * brightness and differences, each colour sampled as often as the others or half as often (also a quarter, across).
 *
 * @param segments - those found before the scan.
 * @param free - first address that is not in use.
 */
export function layOutCanvas(segments: u32, maxPixels: u32, free: usize): void {
  if (isProgressive || max(width, height) > MAX_SIDE || <u64>width * <u64>height > <u64>maxPixels) return
  if (!isPlain() || !isKnown(segments) || !isConverted(segments)) return
  let end = (free + 15) & ~15
  for (let i: u32 = 0; i < count; i++) {
    const component = componentAt(i)
    const stride = <usize>(8 * unitColumns * load<u32>(component + ACROSS))
    store<u32>(component + PLANE, <u32>end)
    store<u32>(component + PLANE_STRIDE, <u32>stride)
    end += stride * <usize>(8 * unitRows * load<u32>(component + DOWN)) + SLACK
  }
  const row = <usize>(8 * unitColumns * mostAcross) + SLACK
  enlarged = end
  sums = (end + 2 * row + 15) & ~15
  const first = sums + 2 * row
  if (!grow(first + <usize>width * <usize>height * 3 + SLACK)) return
  pixels = first
}

/** Address of the row of enlarged samples of the second or third component. */
export function enlargedAt(index: u32): usize {
  return index === 1 ? enlarged : enlarged + ((sums - enlarged) >>> 1)
}

function isPlain(): bool {
  for (let i: u32 = 0; i < count; i++) if (!hasSteps(load<u32>(componentAt(i) + STEP_ID))) return false
  const sampling = samplingOf(0)
  if (count === 1) return sampling === 0x11
  if (count !== 3 || samplingOf(1) !== 0x11 || samplingOf(2) !== 0x11) return false
  return sampling === 0x11 || sampling === 0x21 || sampling === 0x22 || sampling === 0x12 || sampling === 0x41
}

function samplingOf(index: u32): u32 {
  return (load<u32>(componentAt(index) + ACROSS) << 4) | load<u32>(componentAt(index) + DOWN)
}

/** Whether libjpeg knows the segments: of applications, and comments. */
function isKnown(segments: u32): bool {
  for (let i: u32 = 0; i < segments; i++) {
    const marker = load<u32>(SEGMENTS + 12 * <usize>i)
    if (marker > 0xef && marker !== 0xfe) return false
  }
  return true
}

/**
 * Whether libjpeg takes the colours for brightness and differences, without a warning: by a JFIF header, by Adobe's,
 * or by their ids.
 */
function isConverted(segments: u32): bool {
  let isJfif = false
  let adobe: i32 = -1
  for (let i: u32 = 0; i < segments; i++) {
    const segment = SEGMENTS + 12 * <usize>i
    const at = BYTES + <usize>load<u32>(segment + 4)
    const length = load<u32>(segment + 8) - load<u32>(segment + 4)
    if (load<u32>(segment) === 0xe0 && length >= 14 && isJfifHeader(at)) {
      if (load<u8>(at + 5) !== 1) return false
      isJfif = true
    }
    if (load<u32>(segment) === 0xee && length >= 12 && isAdobeHeader(at)) adobe = load<u8>(at + 11)
  }
  if (count === 1 || isJfif) return true
  if (adobe >= 0) return adobe === 1
  return !(idOf(0) === 0x52 && idOf(1) === 0x47 && idOf(2) === 0x42)
}

function isJfifHeader(at: usize): bool {
  return load<u32>(at) === 0x4649464a && load<u8>(at + 4) === 0
}

function isAdobeHeader(at: usize): bool {
  return load<u32>(at) === 0x626f6441 && load<u8>(at + 4) === 0x65
}

function idOf(index: u32): u32 {
  return load<u32>(componentAt(index) + ID)
}

/** Columns and rows of a component's own samples, without those that fill its last blocks. */
// @ts-ignore: decorator
@inline
export function samplesAcross(component: usize): u32 {
  return load<u32>(component + SAMPLES_ACROSS)
}

// @ts-ignore: decorator
@inline
export function samplesDown(component: usize): u32 {
  return load<u32>(component + SAMPLES_DOWN)
}
