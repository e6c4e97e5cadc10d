/**
 * Short versions, in every isolation, of what the other tests try in the strongest one: hostile files, dying children,
 * false answers.
 */
import { join } from "node:path"
import { deflateSync } from "node:zlib"
import type { Fingerprint } from "@nightlight/core"
import { ISOLATIONS, MINUTE_MS } from "@nightlight/core"
import { outcomeOf, skipUnlessGranted, TRIED_ISOLATIONS } from "@nightlight/dev-env/machine/isolations"
import { IS_LONG } from "@nightlight/dev-env/machine/kill-at-every-step"
import { beforeAll, describe, expect, it } from "vitest"
import type { Decoder } from "../src/index.ts"
import type { DecoderLimits } from "../src/limits.ts"
import { animation, scene, toSharp } from "./pictures.ts"
import { fingerprintHere, openTestDecoder } from "./support.ts"

const UNRULY = join(import.meta.dirname, "stubs/unruly-child.ts")
const FORMATS = ["jpeg", "png", "gif", "webp", "tiff", "avif"] as const
const MEGABYTE = 1024 * 1024
const LIMITS = { maxPixels: 200 * 200, maxFrames: 3, maxBytes: 1_000_000 }

const see = (decoder: Decoder, bytes: Uint8Array) => decoder.fingerprint({ kind: "bytes", bytes })

/** Whole, cut, damaged and doubled pictures of every format, bombs, and other files. */
async function hostileFiles(): Promise<readonly Uint8Array[]> {
  const whole = await Promise.all(
    FORMATS.map((format) =>
      toSharp(scene(3, 96, 72))
        .toFormat(format, { effort: 1 })
        .toBuffer(),
    ),
  )
  const changed = whole.map((bytes) => {
    const copy = Buffer.from(bytes)
    const middle = Math.floor(copy.length / 2)
    copy.fill(0xff, middle, middle + 3)
    return copy
  })
  const header = Buffer.alloc(100)
  return [
    ...whole,
    ...whole.map((bytes) => bytes.subarray(0, Math.floor(bytes.length * 0.6))),
    ...changed,
    ...whole.map((bytes) => Buffer.concat([bytes, Buffer.from("\0\0\0\0%PDF-1.7 more of it")])),
    await toSharp(scene(1, 201, 200))
      .png()
      .toBuffer(),
    await animation([1, 2, 3, 4, 5].map((seed) => scene(seed, 48, 48)))
      .gif()
      .toBuffer(),
    Buffer.concat([whole[1] ?? header, Buffer.alloc(1_000_000)]),
    deflateSync(header),
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    Buffer.from("\0\0\0\x18ftypisom\0\0\0\0isommp42", "latin1"),
    Buffer.from([0xff, 0xd8, 0xff, 1, 2, 3]),
    new Uint8Array(0),
  ]
}

let files: readonly Uint8Array[]
let expected: readonly Fingerprint[]

beforeAll(async () => {
  // Make all files first, because a process that decodes can no longer write pictures.
  files = await hostileFiles()
  const answers: Fingerprint[] = []
  for (const bytes of files) answers.push(await fingerprintHere(bytes, LIMITS))
  expected = answers
})

describe("in every isolation", () => {
  it.for(TRIED_ISOLATIONS)("hostile files get the same answers (%s)", async (isolation, { skip }) => {
    skipUnlessGranted(isolation, skip)
    const decoder = await openTestDecoder({ isolation, limits: LIMITS })
    expect(decoder.isolation).toBe(isolation)

    expect(await Promise.all(files.map((bytes) => see(decoder, bytes)))).toEqual(expected)

    const causes = new Set(expected.map(({ inconclusive }) => inconclusive))
    for (const cause of ["picture_damaged", "polyglot", "pixel_limit", "frame_limit", "byte_limit"] as const) {
      expect(causes, cause).toContain(cause)
    }
  })

  // In the other isolations the parent's part is the same: `npm run verify:long` shows it.
  it.for(IS_LONG ? ISOLATIONS : ISOLATIONS.slice(0, 1))(
    "a child that dies, grows, lies or hangs costs only its item, and the next item is decoded (%s)",
    { timeout: 3 * MINUTE_MS },
    async (isolation, { skip }) => {
      skipUnlessGranted(isolation, skip)
      const [picture = Buffer.alloc(0)] = files
      const pdq = expected[0]?.picture?.views[0]?.pdq
      const after = async (misdeed: string, limits: Partial<DecoderLimits> = {}) => {
        const decoder = await openTestDecoder({ isolation, entry: UNRULY, limits })
        const { inconclusive } = await see(decoder, Buffer.from(`${misdeed}.`))
        const next = await see(decoder, picture)
        return [misdeed, inconclusive, next.picture?.views[0]?.pdq === pdq]
      }
      expect(
        await Promise.all([
          after("abort"),
          after("liar"),
          after("hang", { timeoutMs: 800 }),
          after("hog", { maxMemoryBytes: 300 * MEGABYTE }),
        ]),
      ).toEqual([
        ["abort", "decoder_died", true],
        ["liar", "decoder_died", true],
        ["hang", "time_limit", true],
        ["hog", "memory_limit", true],
      ])
    },
  )
})

it.each([
  [true, true, true, "run"],
  [true, true, false, "run"],
  [false, true, true, "fail"],
  [false, true, false, "skip"],
  [false, false, true, "skip"],
] as const)(
  "a test of an isolation with supported %s, installed %s and CI %s: %s",
  (isGranted, isInstalled, isContinuousIntegration, outcome) => {
    expect(outcomeOf({ isGranted, isInstalled, isContinuousIntegration })).toBe(outcome)
  },
)
