import { hash } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Decoder, type DecodeSource, openDecoder } from "../src/index.ts"
import { MAX_PART_BYTES } from "../src/protocol.ts"
import { scene, toSharp } from "./pictures.ts"
import { stream } from "./support.ts"

const MEGABYTE = 2 ** 20

const picture = await toSharp(scene(5, 128, 96))
  .jpeg()
  .toBuffer()
const text = (length: number) =>
  Buffer.concat([
    Buffer.alloc(length, "some words\n"),
    Buffer.from(`data:image/jpeg;base64,${picture.toString("base64")}`),
  ])

let decoder: Decoder
beforeAll(async () => {
  const limits = { maxBytes: 8 * MEGABYTE }
  decoder = await openDecoder({ readRoots: [], processes: 1, profile: "fullres", kernel: "exact", limits })
})
afterAll(() => decoder[Symbol.asyncDispose]())

describe("an item that a decoder asks for part by part", () => {
  it.each([
    ["a picture", picture],
    ["nothing", new Uint8Array()],
    ["a text with a picture at its end", text(70_000)],
  ])("has the fingerprint of the same bytes in memory: %s", async (_, bytes) => {
    const lengths: number[] = []
    const seen = await decoder.fingerprint(stream(bytes, (length) => lengths.push(length)))
    expect(seen).toEqual(await decoder.fingerprint({ kind: "bytes", bytes }))
    expect(Math.max(0, ...lengths)).toBeLessThanOrEqual(MAX_PART_BYTES)
  })

  it("is searched for pictures, and digested to its end, where it is too large to be held", async () => {
    const bytes = text(8 * MEGABYTE + 7)
    const seen = await decoder.fingerprint(stream(bytes))
    expect(seen).toMatchObject({ kind: "text", sha256: hash("sha256", bytes) })
    expect(seen.picture?.views[0]?.pdq).toBe((await decoder.fingerprint(stream(picture))).picture?.views[0]?.pdq)
    const large = Buffer.concat([picture, Buffer.alloc(8 * MEGABYTE)])
    const { picture: pixels, ...read } = await decoder.fingerprint(stream(large))
    expect(read).toMatchObject({ kind: "picture", inconclusive: "byte_limit", sha256: hash("sha256", large) })
    expect(pixels).toBeUndefined()
  })

  it("is unreadable where a part cannot be read or is short, and costs no other item", async () => {
    const failing = stream(text(9 * MEGABYTE), () => Promise.reject(new Error("gone")))
    const short: DecodeSource = { kind: "stream", length: 100, read: async () => new Uint8Array(3) }
    const [first, second, other] = await Promise.all(
      [failing, short, stream(picture)].map((source) => decoder.fingerprint(source)),
    )
    for (const seen of [first, second]) expect(seen).toMatchObject({ inconclusive: "source_unreadable", sha256: "" })
    expect(other?.picture?.views).toBeDefined()
  })
})
