/**
 * Index images: files that equal the memory byte for byte.
 * @module
 */
import type { FileHandle } from "node:fs/promises"
import { PdqError } from "../errors.ts"
import { HASH_BYTES } from "../hash.ts"
import { clearFrom, countBits, hasBit } from "./bitmaps.ts"
import { AT_COUNTS, type Counts, malformed, parseFileHeader, sealHeader } from "./header.ts"
import { createKernel, createMemory, hammingModule, type Kernel } from "./kernel.ts"
import { HEADER_BYTES, type Layout } from "./layout.ts"
import { PartsDigest } from "./parts-digest.ts"
import { readAt, systemCode, unreadable } from "./read-at.ts"
import { readParts } from "./read-parts.ts"

/** Size and digest of a written image. */
export interface ImageDigest {
  /**
   * SHA-256 over the SHA-256 of each part of 64 MiB, so that threads can share the work; 64 lower-case hexadecimal
   * digits.
   */
  readonly digest: string
  readonly sizeBytes: number
}

/** Requirements on an image. */
export interface OpenImageOptions {
  /** Required {@link ImageDigest.digest}. Without it, an altered hash or sketch is not noticed. */
  readonly digest?: string
}

/** Bytes written at a time, and digested meanwhile. */
const PART_BYTES = 8 * 1024 * 1024

/**
 * Writes the index in `memory` to `path`, through a temporary file beside it.
 *
 * @throws {PdqError} `image_unwritable`.
 */
export async function writeImage(memory: Uint8Array, layout: Layout, path: string): Promise<ImageDigest> {
  const { header, bitmaps, delta } = snapshot(memory, layout)
  const { randomUUID } = process.getBuiltinModule("node:crypto")
  const { open, rename, rm } = process.getBuiltinModule("node:fs/promises")
  const partial = `${path}.${randomUUID()}.partial`
  try {
    const digest = new PartsDigest()
    const file = await open(partial, "wx", 0o600)
    try {
      await writeParts(file, [header, memory.subarray(HEADER_BYTES, layout.withdrawnBits), bitmaps, delta], digest)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, path)
    return { digest: digest.finish(), sizeBytes: layout.delta + delta.length }
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined)
    const code = systemCode(error)
    throw new PdqError("image_unwritable", `cannot write the image: ${code}`, { systemCode: code })
  }
}

/**
 * Reads an image into a new memory, and checks that no look-up can leave its sections.
 *
 * @throws {PdqError} as {@link HammingIndex.openImage}.
 */
export async function readImage(path: string, options: OpenImageOptions): Promise<Kernel> {
  let file: FileHandle
  try {
    file = await process.getBuiltinModule("node:fs/promises").open(path, "r")
  } catch (error) {
    throw unreadable(error)
  }
  try {
    return await readOpened(file, options)
  } finally {
    await file.close()
  }
}

async function readOpened(file: FileHandle, { digest }: OpenImageOptions): Promise<Kernel> {
  const header = new Uint8Array(HEADER_BYTES)
  const headerBytes = await readAt(file, header, 0)
  const { size } = await file.stat().catch((error: unknown) => {
    throw unreadable(error)
  })
  const parsed = parseFileHeader(header.subarray(0, headerBytes), size)
  const memory = createMemory(parsed.end)
  const bytes = new Uint8Array(memory.buffer)

  bytes.set(header)
  const found = await readParts(file, memory.buffer, { sizeBytes: size, isDigested: digest !== undefined })
  if (found !== digest?.toLowerCase()) {
    throw new PdqError("image_digest_mismatch", "the image is not the expected one: its digest differs")
  }

  checkBitmaps(bytes, parsed)
  const kernel = createKernel(memory, hammingModule())
  if (parsed.hasTables && kernel.exports.checkTables() === 0) throw malformed("tables refer outside it")
  return kernel
}

/** Copies the parts that may change while the image is written, so that header, bitmaps and delta agree. */
function snapshot(memory: Uint8Array, layout: Layout) {
  // In this order, every slot whose bit is set is below the count and has its whole hash.
  const bitmaps = memory.slice(layout.withdrawnBits, layout.delta)
  const deltaReserved = Atomics.load(new Uint32Array(memory.buffer, AT_COUNTS.deltaReserved, 1), 0)
  const delta = memory.slice(layout.delta, layout.delta + deltaReserved * HASH_BYTES)
  const { withdrawn, ready } = split(bitmaps, layout)
  for (let slot = 0; slot < deltaReserved; slot++) {
    if (!hasBit(ready, slot)) delta.fill(0, slot * HASH_BYTES, (slot + 1) * HASH_BYTES)
  }
  const header = memory.slice(0, HEADER_BYTES)
  sealHeader(header, { deltaReserved, deltaReady: countBits(ready), withdrawn: countBits(withdrawn) })
  return { header, bitmaps, delta }
}

function checkBitmaps(bytes: Uint8Array, parsed: Layout & Counts): void {
  const { withdrawn, ready } = split(bytes.slice(parsed.withdrawnBits, parsed.delta), parsed)
  clearFrom(withdrawn, parsed.rows + parsed.deltaReserved)
  clearFrom(ready, parsed.deltaReserved)
  const agree =
    countBits(withdrawn) === parsed.withdrawn &&
    countBits(ready) === parsed.deltaReady &&
    countBits(bytes.subarray(parsed.withdrawnBits, parsed.delta)) === parsed.withdrawn + parsed.deltaReady
  if (!agree) throw malformed("counts do not add up")
}

function split(bitmaps: Uint8Array, { withdrawnBits, readyBits }: Layout) {
  return {
    withdrawn: bitmaps.subarray(0, readyBits - withdrawnBits),
    ready: bitmaps.subarray(readyBits - withdrawnBits),
  }
}

async function writeParts(file: FileHandle, sources: readonly Uint8Array[], digest: PartsDigest): Promise<void> {
  for (const source of sources) {
    for (let offset = 0; offset < source.length; offset += PART_BYTES) {
      const part = source.subarray(offset, offset + PART_BYTES)
      const writing = file.writeFile(part)
      digest.update(part)
      await writing
    }
  }
}
