import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Fingerprint, PictureView } from "@nightlight/core"
import { fromHex, hammingDistance } from "@nightlight/pdq"
import { onTestFinished } from "vitest"
import { createFingerprinter } from "../src/child/fingerprint-item.ts"
import { type Decoder, type DecoderOptions, type DecodeSource, openDecoder } from "../src/index.ts"
import { type DecoderLimits, resolveLimits } from "../src/limits.ts"

/** A new folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "nightlight-decoder-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes a file into a folder and returns its path. */
export function put(folder: string, name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

/** Bytes that a child asks for part by part. */
export function stream(bytes: Uint8Array, onRead: (length: number) => unknown = () => {}): DecodeSource {
  return {
    kind: "stream",
    length: bytes.length,
    async read(offset, length) {
      await onRead(length)
      return bytes.subarray(offset, offset + length)
    },
  }
}

/** A decoder that is disposed of after the test. */
export async function openTestDecoder(options: Partial<DecoderOptions> = {}): Promise<Decoder> {
  const decoder = await openDecoder({ readRoots: [], processes: 1, profile: "fullres", kernel: "exact", ...options })
  onTestFinished(() => decoder[Symbol.asyncDispose]())
  return decoder
}

/** Makes a child's fingerprint of bytes in this process, which is faster than a new child. */
export async function fingerprintHere(bytes: Uint8Array, limits: Partial<DecoderLimits> = {}): Promise<Fingerprint> {
  const fingerprinter = await createFingerprinter({
    profile: "fullres",
    kernel: "exact",
    limits: resolveLimits(limits),
    inFlight: 1,
    confineTo: null,
  })
  return fingerprinter.fingerprint({ id: 1, source: { kind: "bytes" }, early: false, payload: bytes }, () => undefined)
}

/** Distance between the first views of two fingerprints, bits. */
export function distance(a: Fingerprint, b: Fingerprint): number {
  return bits(firstView(a), firstView(b))
}

/** Distance between two upright views, bits. */
export function bits(a: PictureView, b: PictureView): number {
  return hammingDistance(fromHex(a.pdq), fromHex(b.pdq))
}

/** The view of any frame that is nearest to a listed view. */
export function nearest(seen: Fingerprint, listed: PictureView): PictureView & { readonly distanceBits: number } {
  const views = (seen.picture?.views ?? []).map((view) => ({ ...view, distanceBits: bits(view, listed) }))
  const [best] = views.sort((a, b) => a.distanceBits - b.distanceBits)
  if (best === undefined) throw new Error(`expected a view, got ${seen.inconclusive}`)
  return best
}

/** The view of the whole first frame with alpha dropped. */
export function firstView(fingerprint: Fingerprint): PictureView {
  const view = fingerprint.picture?.views[0]
  if (view === undefined) throw new Error(`expected a picture, got ${fingerprint.inconclusive}`)
  return view
}
