/**
 * Walks a JPEG from its first marker to its last and checks that it is complete: every table, and in every scan as many
 * blocks as the frame has, with nothing missing, left over or impossible. Makes the pixels of a plain one on the way.
 *
 * Source: ITU-T T.81 (1992), annexes B to G. Huffman coding, eight bits, sequential and progressive.
 */
import { componentAt, count, forgetFrame, height, IS_SEEN, readFrame, width } from "./frame"
import { define, forgetTables, tableAt } from "./huffman"
import { BYTES, MAX_SEGMENTS, SEGMENTS, SENTINEL_BYTES, STEPS, grow } from "./memory"
import { forgetCanvas, layOutCanvas, pixels } from "./pixels/canvas"
import { colour } from "./pixels/colour"
import { makeOrder } from "./pixels/order"
import { dropSteps, forgetSteps, keepSteps } from "./pixels/steps"
import { endOfScan, isPainted, walkScan } from "./scan"

/** Results: whole; end missing; broken or with excess data; of a kind that is not walked; too large. */
const WHOLE: u32 = 0
const CUT: u32 = 1
const BROKEN: u32 = 2
const OTHER: u32 = 3

/** Most scans; more would take long, and no picture has them. */
const MAX_SCANS: u32 = 256

let end: u32 = 0
let segments: u32 = 0
let restartInterval: u32 = 0
let mostPixels: u32 = 0

/** Reserves memory for bytes. Returns their address, or 0 without enough memory. */
export function reserve(length: u32): usize {
  return grow(BYTES + length + SENTINEL_BYTES) ? BYTES : 0
}

/** End of the picture: after its last marker, or where the walk stopped. */
export function endOf(): u32 {
  return end
}

/** Number of segments of applications and comments at `segmentsAt`: marker, start and end of the content of each. */
export function segmentCount(): u32 {
  return segments
}

export function segmentsAt(): usize {
  return SEGMENTS
}

/** Forgets the tables of an earlier walk; otherwise they apply to the next one, as in a TIFF. */
export function forget(): void {
  if (!grow(BYTES)) return
  forgetTables()
  makeOrder()
  forgetSteps()
  memory.fill(STEPS, 0, 16)
  restartInterval = 0
}

/** Address of the pixels, RGB, rows without padding, of a picture that is plain and whole; 0 where there are none. */
export function pixelsAt(): usize {
  return pixels
}

export function widthOf(): u32 {
  return width
}

export function heightOf(): u32 {
  return height
}

/**
 * Walks the bytes at the address from `reserve`.
 *
 * @param maxPixels - no pixels are made of a picture with more.
 */
export function walk(length: u32, maxPixels: u32): u32 {
  const stop = BYTES + length
  memory.fill(stop, 0xd9, SENTINEL_BYTES)
  for (let at = stop; at < stop + SENTINEL_BYTES; at += 2) store<u8>(at, 0xff)
  forgetFrame()
  forgetCanvas()
  mostPixels = maxPixels
  segments = 0
  end = 0
  if (length < 4 || load<u16>(BYTES) !== 0xd8ff) return BROKEN
  const status = walkSegments(BYTES + 2, stop)
  if (status !== WHOLE) forgetCanvas()
  else if (pixels !== 0) colour()
  return status
}

function walkSegments(start: usize, stop: usize): u32 {
  let at = start
  let scans: u32 = 0
  while (true) {
    end = <u32>(at - BYTES)
    if (at >= stop) return CUT
    if (load<u8>(at) !== 0xff) return BROKEN
    while (load<u8>(at + 1) === 0xff) at++
    const marker: u32 = load<u8>(at + 1)
    if (at + 2 > stop) return CUT
    if (marker === 0xd9) {
      end = <u32>(at + 2 - BYTES)
      return isComplete(scans) ? WHOLE : BROKEN
    }
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8)) return BROKEN
    // Nothing follows the only scan of a plain picture.
    if (scans > 0) forgetCanvas()
    const content = at + 4
    if (content > stop) return CUT
    const length: u32 = bswap<u16>(load<u16>(at + 2))
    if (length < 2) return BROKEN
    at = content + length - 2
    if (at > stop) return CUT
    const status = segment(marker, content, length - 2, stop)
    if (status !== WHOLE) return status
    if (marker !== 0xda) continue
    if (++scans > MAX_SCANS) return OTHER
    if (scans === 1) layOutCanvas(segments, mostPixels, stop + SENTINEL_BYTES)
    const scanned = walkScan(content, length - 2, restartInterval)
    if (!isPainted) forgetCanvas()
    // The data ends with the file, so the fault is that the rest is missing.
    if (scanned !== WHOLE) return isCut(at, stop) ? CUT : BROKEN
    at = endOfScan
  }
}

function isCut(at: usize, stop: usize): bool {
  for (let byte = at; byte < stop; byte++) {
    if (load<u8>(byte) === 0xff && load<u8>(byte + 1) === 0xd9) return byte + 2 > stop
  }
  return true
}

/** Whether every component had a scan; a file without a frame has only tables. */
function isComplete(scans: u32): bool {
  for (let i: u32 = 0; i < count; i++) if (load<u32>(componentAt(i) + IS_SEEN) === 0) return false
  return count > 0 || scans === 0
}

function segment(marker: u32, at: usize, length: u32, stop: usize): u32 {
  if (marker === 0xc4) return readCodes(at, length)
  if (marker === 0xdb) return readSteps(at, length)
  if (marker === 0xdd) {
    if (length !== 2) return BROKEN
    restartInterval = bswap<u16>(load<u16>(at))
    return WHOLE
  }
  if (marker <= 0xc2) return readFrame(at, length, marker === 0xc2, stop + SENTINEL_BYTES)
  if (marker === 0xda) return WHOLE
  if (marker < 0xe0) return OTHER
  if (segments === MAX_SEGMENTS) return OTHER
  const to = SEGMENTS + 12 * <usize>segments
  segments++
  store<u32>(to, marker)
  store<u32>(to + 4, <u32>(at - BYTES))
  store<u32>(to + 8, <u32>(at - BYTES) + length)
  return WHOLE
}

function readCodes(start: usize, length: u32): u32 {
  let at = start
  const stop = start + length
  while (at < stop) {
    if (at + 17 > stop) return BROKEN
    const kind: u32 = load<u8>(at) >> 4
    const id: u32 = load<u8>(at) & 15
    let symbols: u32 = 0
    for (let i: usize = 1; i <= 16; i++) symbols += load<u8>(at + i)
    if (kind > 1 || id > 3 || symbols > 256 || at + 17 + symbols > stop) return BROKEN
    if (!define(tableAt(kind, id), at + 1, 16 + symbols)) return BROKEN
    at += 17 + symbols
  }
  return WHOLE
}

function readSteps(start: usize, length: u32): u32 {
  let at = start
  const stop = start + length
  while (at < stop) {
    const isWide = load<u8>(at) >> 4
    const id: u32 = load<u8>(at) & 15
    const bytes: usize = isWide === 0 ? 65 : 129
    if (isWide > 1 || id > 3 || at + bytes > stop) return BROKEN
    const step: u32 = isWide === 0 ? load<u8>(at + 1) : bswap<u16>(load<u16>(at + 1))
    store<u32>(STEPS + (<usize>id << 2), step)
    if (isWide === 0) keepSteps(id, at + 1)
    else dropSteps(id)
    at += bytes
  }
  return WHOLE
}
