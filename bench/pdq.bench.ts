/**
 * The hashing kernels of `@nightlight/pdq` against their plain TypeScript twin.
 *
 * All three hash the same pixels in turn; copying the pixels into the WebAssembly memory counts in the kernels' time.
 * Meta's C++ is not run here: the rows quote how it compared with the twin when both were measured on one machine.
 * @module
 */

import { createRandom, scenePicture, type TestPicture } from "@nightlight/dev-env/pdq/pictures"
import { createHasher, hammingDistance, type PdqKernel } from "@nightlight/pdq"
import { hashByReference } from "@nightlight/pdq/reference"
import { type BenchRow, median } from "./row.ts"

const SIDE = 512
const ROUNDS = 15

/** Scenes of the size measured; more of them than a core's second-level cache holds. */
const SCENES = 8

/** Generated scenes of many sizes, on which the kernels' hashes are compared. */
const COMPARED_SCENES = 1_500

/** Hashes a round measures, so that each side takes some 30 ms. */
const HASHES = { twin: 4, exact: 100, fast: 400 } as const

/** Milliseconds a 512x512 RGB picture: Meta's C++ with `-O3 -march=native` beside the twin, two cores of AMD EPYC (Zen 4). */
const RECORDED_MS = { twin: 7.76, cpp: 4 } as const

const hasher = createHasher()

/** Measures both kernels, and compares their hashes. */
export function benchPdq(): Promise<BenchRow[]> {
  const scenes = Array.from({ length: SCENES }, (_, seed) =>
    scenePicture(seed, { width: SIDE, height: SIDE, channels: 3 }),
  )
  const sides = {
    twin: ({ pixels, ...shape }: TestPicture) => hashByReference(pixels, shape),
    exact: ({ pixels, ...shape }: TestPicture) => hasher.hash(pixels, shape),
    fast: ({ pixels, ...shape }: TestPicture) => hasher.hash(pixels, { ...shape, kernel: "fast" }),
  }
  const rounds = Array.from({ length: ROUNDS + 2 }, () => ({
    twin: millisecondsOf(sides.twin, scenes, HASHES.twin),
    exact: millisecondsOf(sides.exact, scenes, HASHES.exact),
    fast: millisecondsOf(sides.fast, scenes, HASHES.fast),
  })).slice(2)

  const identical = scenes.filter((scene) => {
    const twin = sides.twin(scene)
    const exact = sides.exact(scene)
    return hammingDistance(twin.hash, exact.hash) === 0 && twin.quality === exact.quality
  }).length
  const speedRow = (kernel: PdqKernel, atLeast: number, note: string): BenchRow => {
    const ratio = median(rounds.map((round) => round.twin / round[kernel]))
    const figure = (side: "twin" | PdqKernel) => `${median(rounds.map((round) => round[side])).toPrecision(3)} ms`
    return {
      what: `PDQ ${kernel} kernel, ${SIDE}x${SIDE} RGB, one core`,
      measured: `${figure(kernel)} against ${figure("twin")} of the plain TypeScript twin`,
      ratio,
      atLeast,
      ok: ratio >= atLeast,
      note: `${note}; ${besideCpp(ratio)}`,
    }
  }
  const exactRow = speedRow("exact", 20, `bit-identical on ${identical} of ${SCENES}; pixels copied in`)
  return Promise.resolve([
    { ...exactRow, ok: exactRow.ok && identical === SCENES },
    speedRow("fast", 85, "pixels copied in"),
    agreementRow(),
  ])
}

/** A ratio to the twin as one to Meta's C++, by the recorded figures. */
function besideCpp(ratio: number): string {
  const { twin, cpp } = RECORDED_MS
  const times = (ratio * (cpp / twin)).toPrecision(2)
  return `about ${times} times Meta's C++ by recorded figures (C++ ${cpp} ms, twin ${twin} ms), not measured in this run`
}

/** Milliseconds a hash, over `count` hashes that take the scenes in turn. */
function millisecondsOf(hash: (scene: TestPicture) => unknown, scenes: readonly TestPicture[], count: number): number {
  const start = performance.now()
  for (let index = 0; index < count; index++) hash(scenes[index % scenes.length]!)
  return (performance.now() - start) / count
}

function agreementRow(): BenchRow {
  const random = createRandom(1)
  const side = () => 64 + Math.floor(random() * 448)
  const distances = Array.from({ length: COMPARED_SCENES }, (_, seed) => {
    const shape = { width: side(), height: side(), channels: ([1, 3, 4] as const)[seed % 3]! }
    const { pixels } = scenePicture(seed, shape)
    return hammingDistance(hasher.hash(pixels, shape).hash, hasher.hash(pixels, { ...shape, kernel: "fast" }).hash)
  })
  const same = distances.filter((distance) => distance === 0).length
  const furthest = Math.max(...distances)
  return {
    what: "PDQ fast kernel, hash equal to the exact one's",
    measured: `${same} of ${COMPARED_SCENES} generated scenes, furthest ${furthest} bits`,
    atLeast: ">= 99.9 %, <= 4 bits",
    ok: same >= COMPARED_SCENES * 0.999 && furthest <= 4,
  }
}
