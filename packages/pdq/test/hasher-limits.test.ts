import { readFileSync } from "node:fs"
import { noisePicture } from "@nightlight/dev-env/pdq/pictures"
import { describe, expect, it } from "vitest"
import { wasm } from "../src/hamming-index/webassembly.ts"
import { createHasher, type HashOptions, PdqError } from "../src/index.ts"
import { hashByReference } from "../src/reference.ts"

const wasmBytes = new Uint8Array(readFileSync(new URL("../wasm/hash.wasm", import.meta.url)))
const shape = { width: 10, height: 8, channels: 3 } as const
const pixels = new Uint8Array(10 * 8 * 3)

/** The error that a call throws. */
function errorOf(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}

/** The module with its memory limited to `most` pages of 64 KiB. */
function withLimitedMemory(bytes: Uint8Array, most: number): Uint8Array {
  // Section 5 contains one memory: id, size, count 1, flag 0 (no maximum), pages.
  const index = bytes.findIndex((_, i) => bytes.subarray(i, i + 4).join() === "5,3,1,0")
  const pages = bytes[index + 4]!
  return Uint8Array.from([...bytes.subarray(0, index), 5, 4, 1, 1, pages, most, ...bytes.subarray(index + 5)])
}

describe("pixels that do not fit their description", () => {
  const malformed: readonly [string, Uint8Array, Record<string, unknown>][] = [
    ["one byte short", pixels.subarray(1), {}],
    ["one byte long", new Uint8Array(pixels.length + 1), {}],
    ["no pixels", new Uint8Array(0), {}],
    ["an array of numbers", [...pixels] as never, {}],
    ["text", "pixels" as never, {}],
    ["zero width", pixels, { width: 0 }],
    ["negative height", pixels, { height: -8 }],
    ["fractional width", pixels, { width: 9.5 }],
    ["a width that is not a number", pixels, { width: Number.NaN }],
    ["endless height", pixels, { height: Number.POSITIVE_INFINITY }],
    ["width as text", pixels, { width: "10" }],
    ["a side above 2^24", new Uint8Array(0), { width: 2 ** 24 + 1, height: 1 }],
    ["two channels", pixels, { channels: 2 }],
    ["unknown profile", pixels, { profile: "full" }],
    ["unknown kernel", pixels, { kernel: "turbo" }],
    ["crop beyond the right edge", pixels, { crop: { left: 5, top: 0, width: 6, height: 8 } }],
    ["crop beyond the lower edge", pixels, { crop: { left: 0, top: 1, width: 10, height: 8 } }],
    ["crop before the left edge", pixels, { crop: { left: -1, top: 0, width: 5, height: 5 } }],
    ["empty crop", pixels, { crop: { left: 0, top: 0, width: 0, height: 5 } }],
    ["crop without sides", pixels, { crop: {} }],
  ]

  it.each(malformed)("are refused: %s", (_, bytes, options) => {
    const hasher = createHasher()
    const all = { ...shape, ...options } as HashOptions
    for (const hash of [() => hasher.hash(bytes, all), () => hashByReference(bytes, all)]) {
      const error = errorOf(hash)
      expect(error).toBeInstanceOf(PdqError)
      expect((error as PdqError).code).toBe("pixels_malformed")
    }
    expect(hasher.hash(pixels, shape).quality).toBe(0)
  })

  it("are described by numbers, never by a caller's text", () => {
    const options = { ...shape, profile: "a name" } as never
    expect(() => createHasher().hash(pixels, options)).toThrow(/^expected profile fullres or ref512nn, got string$/)
    expect(() => createHasher().hash(pixels.subarray(1), shape)).toThrow(/^expected 240 bytes of pixels, got 239$/)
  })
})

describe("the module", () => {
  const expected = createHasher().hash(noisePicture(1, shape).pixels, shape)

  it.each([
    ["bytes", wasmBytes],
    ["an array buffer", wasmBytes.slice().buffer],
    ["a compiled module", new wasm.Module(wasmBytes)],
  ])("can be passed as %s", (_, source) => {
    expect(createHasher(source).hash(noisePicture(1, shape).pixels, shape)).toEqual(expected)
  })

  it.each([
    ["truncated", wasmBytes.subarray(0, wasmBytes.length - 100)],
    ["damaged", wasmBytes.with(8, 0xff)],
    ["not a module", new TextEncoder().encode("<html>not found</html>")],
    ["another module", Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)],
    ["something else", {} as never],
  ])("is refused when %s", (_, source) => {
    expect(errorOf(() => createHasher(source))).toMatchObject({ name: "PdqError", code: "module_unusable" })
  })
})

describe("the hasher's memory", () => {
  it("depends on the width and not on the area", () => {
    const hasher = createHasher()
    const width = 4_000
    const bytes = new Uint8Array(width * 3_000 * 3)
    for (const kernel of ["exact", "fast"] as const) {
      hasher.hash(bytes, { width, height: 3_000, channels: 3, kernel })
    }
    expect(hasher.memoryBytes).toBeLessThan(bytes.length / 10)
  })

  it("causes an error when it cannot grow, and smaller pictures can still be hashed", () => {
    const hasher = createHasher(withLimitedMemory(wasmBytes, 8))
    const wide = { width: 100_000, height: 6, channels: 3 } as const
    for (const kernel of ["exact", "fast"] as const) {
      const error = errorOf(() => hasher.hash(new Uint8Array(100_000 * 6 * 3), { ...wide, kernel }))
      expect(error).toMatchObject({ name: "PdqError", code: "memory_exhausted" })
    }
    const small = { width: 9, height: 9, channels: 1 } as const
    const { pixels: bytes } = noisePicture(4, small)
    expect(hasher.hash(bytes, small)).toEqual(hashByReference(bytes, small))
  })
})
