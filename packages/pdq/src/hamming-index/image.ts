/**
 * Index images: files that equal the memory byte for byte.
 * @module
 */
import type { Hash } from "node:crypto"
import type { FileHandle } from "node:fs/promises"
import { PdqError } from "../errors.ts"
import { HASH_BYTES } from "../hash.ts"
import { clearFrom, countBits, hasBit } from "./bitmaps.ts"
import { AT_COUNTS, type Counts, malformed, parseFileHeader, sealHeader } from "./header.ts"
import { createKernel, createMemory, hammingModule, type Kernel } from "./kernel.ts"
import { HEADER_BYTES, type Layout } from "./layout.ts"

/** Size and digest of a written image. */
export interface ImageDigest {
  /** SHA-256 of the file's bytes, 64 lower-case hexadecimal digits. */
  readonly sha256: string
  readonly sizeBytes: number
}

/** Requirements on an image. */
export interface OpenImageOptions {
  /** Required SHA-256 of the file, hexadecimal. Without it, an altered hash or sketch is not noticed. */
  readonly sha256?: string
}

/** Bytes read or written at a time; one part is digested while others are transferred. */
const PART_BYTES = 8 * 1024 * 1024

/**
 * Parts read at a time: most of a read is the system's allocation of memory for the new index, which cores do in
 * parallel.
 */
const PARTS_IN_FLIGHT = 4

/**
 * Writes the index in `memory` to `path`, through a temporary file beside it.
 *
 * @throws {PdqError} `image_unwritable`.
 */
export async function writeImage(memory: Uint8Array, layout: Layout, path: string): Promise<ImageDigest> {
  const { header, bitmaps, delta } = snapshot(memory, layout)
  const { createHash, randomUUID } = process.getBuiltinModule("node:crypto")
  const { open, rename, rm } = process.getBuiltinModule("node:fs/promises")
  const partial = `${path}.${randomUUID()}.partial`
  try {
    const digest = createHash("sha256")
    const file = await open(partial, "wx", 0o600)
    try {
      await writeParts(file, [header, memory.subarray(HEADER_BYTES, layout.withdrawnBits), bitmaps, delta], digest)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, path)
    return { sha256: digest.digest("hex"), sizeBytes: layout.delta + delta.length }
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined)
    throw new PdqError("image_unwritable", `cannot write the image: ${systemCode(error)}`)
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

async function readOpened(file: FileHandle, { sha256 }: OpenImageOptions): Promise<Kernel> {
  const header = new Uint8Array(HEADER_BYTES)
  const headerBytes = await readAt(file, header, 0)
  const { size } = await file.stat().catch((error: unknown) => {
    throw unreadable(error)
  })
  const parsed = parseFileHeader(header.subarray(0, headerBytes), size)
  const memory = createMemory(parsed.end)
  const bytes = new Uint8Array(memory.buffer)
  const digest = sha256 === undefined ? undefined : process.getBuiltinModule("node:crypto").createHash("sha256")

  bytes.set(header)
  digest?.update(header)
  await readParts(file, bytes.subarray(0, size), digest)
  if (digest !== undefined && digest.digest("hex") !== sha256?.toLowerCase()) {
    throw new PdqError("image_digest_mismatch", "the image is not the expected one: its SHA-256 differs")
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

async function writeParts(file: FileHandle, sources: readonly Uint8Array[], digest: Hash): Promise<void> {
  for (const source of sources) {
    for (let offset = 0; offset < source.length; offset += PART_BYTES) {
      const part = source.subarray(offset, offset + PART_BYTES)
      const writing = file.writeFile(part)
      digest.update(part)
      await writing
    }
  }
}

/** Reads everything after the header, several parts at a time, and digests it in order. */
async function readParts(file: FileHandle, bytes: Uint8Array, digest: Hash | undefined): Promise<void> {
  const reading: Promise<Uint8Array>[] = []
  for (let offset = HEADER_BYTES; offset < bytes.length || reading.length > 0; offset += PART_BYTES) {
    if (offset < bytes.length) {
      const part = readPart(file, bytes.subarray(offset, offset + PART_BYTES), offset)
      // A part that fails while an earlier one is awaited is reported in its turn, or not at all.
      part.catch(() => undefined)
      reading.push(part)
    }
    if (reading.length < PARTS_IN_FLIGHT && offset + PART_BYTES < bytes.length) continue
    const part = await reading.shift()
    if (part !== undefined) digest?.update(part)
  }
}

async function readPart(file: FileHandle, part: Uint8Array, offset: number): Promise<Uint8Array> {
  if ((await readAt(file, part, offset)) !== part.length) throw malformed("became shorter while it was read")
  return part
}

/** Fills `part` from `offset` on. Returns the number of bytes read. */
async function readAt(file: FileHandle, part: Uint8Array, offset: number): Promise<number> {
  let filled = 0
  try {
    while (filled < part.length) {
      const { bytesRead } = await file.read(part, filled, part.length - filled, offset + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
  } catch (error) {
    throw unreadable(error)
  }
  return filled
}

function unreadable(error: unknown): PdqError {
  return new PdqError("image_unreadable", `cannot read the image: ${systemCode(error)}`)
}

/** Only the system's code, because its message quotes the path. */
function systemCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  return typeof code === "string" ? code : "unknown reason"
}
