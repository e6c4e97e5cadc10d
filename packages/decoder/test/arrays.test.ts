import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseNpy } from "../src/child/arrays/npy.ts"
import { parseSafetensors } from "../src/child/arrays/safetensors.ts"
import { scene, toSharp } from "./pictures.ts"
import { fingerprintHere, firstView, nearest } from "./support.ts"

/** A file as NumPy writes it. */
function npy(descr: string, shape: readonly number[], data: Uint8Array, fortran = false): Buffer {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(", ")
  const dictionary = `{'descr': ${descr}, 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${sides}), }`
  const header = `${dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11)}\n`
  const length = Buffer.from([header.length & 0xff, header.length >>> 8])
  return Buffer.concat([Buffer.from("\x93NUMPY\x01\0", "latin1"), length, Buffer.from(header), data])
}

function safetensors(tensors: Readonly<Record<string, object>>, data: Uint8Array): Buffer {
  const header = Buffer.from(JSON.stringify(tensors))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, data])
}

const bytesOf = (numbers: Float32Array | Float64Array | Uint16Array) =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)

const raw = scene(5, 192, 160)
const other = scene(9, 192, 160)
// Make all pictures first, because a process that decodes can no longer write pictures.
const [PNG, OTHER_PNG, JPEG] = await Promise.all([
  toSharp(raw).png().toBuffer(),
  toSharp(other).png().toBuffer(),
  toSharp(raw).jpeg().toBuffer(),
])
const pixels = [...raw.data]
const planes = [0, 1, 2].flatMap((channel) => pixels.filter((_, index) => index % 3 === channel))
const grey = pixels.filter((_, index) => index % 3 === 1)
const withAlpha = pixels.flatMap((value, index) => (index % 3 === 2 ? [value, 255] : [value]))
const swapped = (data: Uint8Array) => Buffer.from(data).swap32()

/** The scene's pixels in files of arrays: element type, shape, bytes. */
const PICTURES: readonly (readonly [string, Buffer])[] = [
  ["bytes by row, column and channel", npy("'|u1'", [160, 192, 3], raw.data)],
  ["bytes with alpha", npy("'|u1'", [160, 192, 4], Uint8Array.from(withAlpha))],
  ["bytes by channel, row and column", npy("'|u1'", [3, 160, 192], Uint8Array.from(planes))],
  ["grey bytes", npy("'|u1'", [160, 192], Uint8Array.from(grey))],
  ["grey bytes with an axis of one", npy("'|u1'", [1, 160, 192, 1], Uint8Array.from(grey))],
  ["fractions from 0 to 1", npy("'<f4'", [160, 192, 3], bytesOf(Float32Array.from(pixels, (value) => value / 255)))],
  [
    "fractions from -1 to 1 by channel",
    npy("'<f8'", [3, 160, 192], bytesOf(Float64Array.from(planes, (v) => v / 127.5 - 1))),
  ],
  ["fractions, big-endian", npy("'>f4'", [160, 192, 3], swapped(bytesOf(Float32Array.from(pixels))))],
  ["sixteen bits", npy("'<u2'", [160, 192, 3], bytesOf(Uint16Array.from(pixels, (value) => value * 257)))],
  ["grey fractions", npy("'<f4'", [160, 192], bytesOf(Float32Array.from(grey)))],
  ["Fortran's order", npy("'|u1'", [3, 192, 160], raw.data, true)],
  [
    "safetensors beside weights",
    safetensors(
      {
        bias: { dtype: "F32", shape: [7], data_offsets: [0, 28] },
        images: { dtype: "U8", shape: [1, 160, 192, 3], data_offsets: [28, 28 + raw.data.length] },
      },
      Buffer.concat([Buffer.alloc(28), raw.data]),
    ),
  ],
]

describe("a picture in an array file", () => {
  it.each(PICTURES)("is hashed: %s", async (_, file) => {
    const listed = firstView(await fingerprintHere(PNG))
    const seen = await fingerprintHere(file)
    expect(seen).toMatchObject({ kind: "array" })
    expect(seen.inconclusive).toBeUndefined()
    // Python's first axis varies fastest in Fortran's order, so the picture is transposed.
    const best = Math.min(
      nearest(seen, listed).distanceBits,
      turnedDistance(seen.picture?.views[0]?.dihedral, listed.pdq),
    )
    expect(best).toBeLessThanOrEqual(12)
  })

  it("is hashed in a batch, with each picture as a frame", async () => {
    const batch = npy("'|u1'", [2, 160, 192, 3], Buffer.concat([raw.data, other.data]))
    const seen = await fingerprintHere(batch)
    expect(seen.picture).toMatchObject({ frames: 2, width: 192, height: 160 })
    const listed = firstView(await fingerprintHere(OTHER_PNG))
    expect(nearest(seen, listed)).toMatchObject({ frame: 1 })
    expect(nearest(seen, listed).distanceBits).toBeLessThanOrEqual(4)
  })

  it("makes the file inconclusive beyond the limits", async () => {
    const batch = npy("'|u1'", [3, 32, 32, 3], new Uint8Array(3 * 32 * 32 * 3))
    const see = async (limits: object) => fingerprintHere(batch, limits)
    expect(await see({ maxFrames: 2 })).toMatchObject({ inconclusive: "frame_limit", picture: { frames: 2 } })
    expect(await see({ maxPixels: 1_000 })).toMatchObject({ inconclusive: "pixel_limit" })
    expect(await see({ maxBytes: 5_000 })).toMatchObject({ kind: "array", inconclusive: "byte_limit" })
  })
})

describe("an array file", () => {
  it.each([
    ["an embedding", npy("'<f2'", [768], new Uint8Array(1_536))],
    ["a table of embeddings", npy("'<f4'", [900, 16], new Uint8Array(57_600))],
    ["a key list", npy("[('f0', '<u8'), ('f1', '<u8')]", [3], new Uint8Array(48))],
    ["a number", npy("'<i8'", [], new Uint8Array(8))],
    ["labels", npy("'|u1'", [500], new Uint8Array(500))],
    ["no weights", safetensors({ __metadata__: { format: "pt" } }, Buffer.alloc(0))],
  ])("is reported as an array when it cannot be a picture: %s", async (_, bytes) => {
    const seen = await fingerprintHere(bytes)
    expect([seen.kind, seen.inconclusive, seen.picture]).toEqual(["array", undefined, undefined])
  })

  it.each([
    ["one byte too many", npy("'<f4'", [9], new Uint8Array(37))],
    ["one byte too few", npy("'<f4'", [9], new Uint8Array(35))],
    ["objects", npy("'|O'", [1], new Uint8Array(8))],
    ["text", npy("'<U4'", [1], new Uint8Array(16))],
    ["plain bytes", npy("'|S9'", [1], new Uint8Array(9))],
    ["nameless bytes", npy("'|V9'", [1], new Uint8Array(9))],
    [
      "a record that may be a pixel",
      npy("[('r', '|u1'), ('g', '|u1'), ('b', '|u1')]", [99, 99], new Uint8Array(29_403)),
    ],
    ["a gap between arrays", safetensors({ a: { dtype: "U8", shape: [2], data_offsets: [1, 3] } }, Buffer.alloc(3))],
    [
      "bytes outside every array",
      safetensors({ a: { dtype: "U8", shape: [2], data_offsets: [0, 2] } }, Buffer.alloc(3)),
    ],
    [
      "another length than its shape",
      safetensors({ a: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, Buffer.alloc(4)),
    ],
    ["an unknown type", safetensors({ a: { dtype: "BLOB", shape: [2], data_offsets: [0, 2] } }, Buffer.alloc(2))],
  ])("is reported as unknown with %s", async (_, bytes) => {
    expect(await fingerprintHere(bytes)).toMatchObject({
      kind: "unknown",
      inconclusive: "media_unknown",
    })
  })

  it("is reported as unknown with a picture's file among or after its bytes, at any size", async () => {
    const files = [PNG, JPEG].flatMap((file) => [
      Buffer.concat([npy("'<f4'", [4], new Uint8Array(16)), file]),
      npy("'|u1'", [file.length], file),
      npy("'|i1'", [file.length + 40], Buffer.concat([Buffer.alloc(40), file])),
    ])
    for (const bytes of files) {
      for (const limits of [{}, { maxBytes: 1_000 }]) {
        expect(await fingerprintHere(bytes, limits)).toMatchObject({ inconclusive: "media_unknown" })
      }
    }
  })

  it("is read only when its length is exactly the length in its header", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(6), { maxLength: 4 }),
        fc.constantFrom(1, 2, 4, 8),
        fc.integer({ min: -3, max: 3 }),
        (shape, size, more) => {
          const length = shape.reduce((all, side) => all * side, size)
          const data = new Uint8Array(Math.max(0, length + more))
          const file = npy(`'<f${size === 1 ? 2 : size}'`, shape, data)
          const expected = shape.reduce((all, side) => all * side, size === 1 ? 2 : size)
          expect(parseNpy(file, file.length) !== undefined).toBe(expected === data.length)
          const tensors = {
            a: { dtype: { 1: "U8", 2: "F16", 4: "I32", 8: "F64" }[size], shape, data_offsets: [0, length] },
          }
          const safe = safetensors(tensors, data)
          expect(parseSafetensors(safe, safe.length) !== undefined).toBe(length === data.length)
        },
      ),
    )
  })

  it("is never reported as an array with a damaged header", () => {
    const good = npy("'<f4'", [4, 4], new Uint8Array(64))
    fc.assert(
      fc.property(fc.nat(good.length - 65), fc.nat(255), (offset, byte) => {
        const bad = Buffer.from(good)
        bad[offset] = byte
        const tensors = parseNpy(bad, bad.length)
        for (const { start, end } of tensors ?? []) expect(end - start).toBe(64)
      }),
    )
  })
})

/** The smallest distance of a view's orientations to a hash. */
function turnedDistance(dihedral: readonly string[] | undefined, pdq: string): number {
  return Math.min(...(dihedral ?? []).map((hash) => hexDistance(hash, pdq)))
}

function hexDistance(a: string, b: string): number {
  let bits = 0
  for (let index = 0; index < a.length; index++) {
    let differs = Number.parseInt(a[index] ?? "0", 16) ^ Number.parseInt(b[index] ?? "0", 16)
    for (; differs > 0; differs >>>= 1) bits += differs & 1
  }
  return bits
}
