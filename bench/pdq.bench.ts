/**
 * The hashing kernels of `@nightlight/pdq` against the same computation in C++.
 *
 * All hash the same pixels in turn; copying the pixels into the WebAssembly memory counts in the kernels' time. The C++
 * is `cpp/pdq.cpp`, in the order in which Meta's computes, and must give the same hashes.
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createRandom, scenePicture, type TestPicture } from "@nightlight/dev-env/pdq/pictures"
import { createHasher, hammingDistance, type PdqKernel, toHex } from "@nightlight/pdq"
import { type CppProgram, compileCpp } from "./cpp-program.ts"
import { type BenchRow, median } from "./row.ts"

const SIDE = 512
const ROUNDS = 9

/** Scenes of the size measured; more of them than a core's second-level cache holds. */
const SCENES = 8

/** Generated scenes of many sizes, on which the kernels' hashes are compared. */
const COMPARED_SCENES = 1_500

/** Hashes a round measures, so that each side takes some 30 ms. */
const HASHES = { exact: 100, fast: 400 } as const

/** Times that the C++ hashes all scenes in a round: some 40 ms. */
const CPP_PASSES = 1

const hasher = createHasher()

/** Measures both kernels, and compares their hashes. */
export async function benchPdq(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "nightlight-bench-pdq-"))
  try {
    return await measureKernels(await compileCpp("pdq", [], folder), folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureKernels(cpp: CppProgram, folder: string): Promise<BenchRow[]> {
  const scenes = Array.from({ length: SCENES }, (_, seed) =>
    scenePicture(seed, { width: SIDE, height: SIDE, channels: 3 }),
  )
  const pictures = join(folder, "pictures.rgb")
  writeFileSync(pictures, Buffer.concat(scenes.map(({ pixels }) => pixels)))
  const exact = ({ pixels, ...shape }: TestPicture) => hasher.hash(pixels, shape)
  const fast = ({ pixels, ...shape }: TestPicture) => hasher.hash(pixels, { ...shape, kernel: "fast" })
  const rounds = []
  let answers: readonly string[] = []
  for (let round = 0; round < ROUNDS + 2; round++) {
    const peer = await cpp.run([pictures, String(SIDE), String(SIDE), String(CPP_PASSES)])
    answers = peer.answers
    rounds.push({
      cpp: peer.time,
      exact: millisecondsOf(exact, scenes, HASHES.exact),
      fast: millisecondsOf(fast, scenes, HASHES.fast),
    })
  }
  const measured = rounds.slice(2)
  const identical = scenes.filter((scene, position) => toHex(exact(scene).hash) === answers[position]).length
  const speedRow = (kernel: PdqKernel, atLeast: number, note: string): BenchRow => {
    const ratio = median(measured.map((round) => round.cpp / round[kernel]))
    const figure = (side: "cpp" | PdqKernel) => `${median(measured.map((round) => round[side])).toPrecision(3)} ms`
    return {
      what: `PDQ ${kernel} kernel, ${SIDE}x${SIDE} RGB, one core`,
      measured: `${figure(kernel)} against ${figure("cpp")} of C++ with -O3`,
      ratio,
      atLeast,
      ok: ratio >= atLeast,
      note,
    }
  }
  const exactRow = speedRow("exact", 12, `hashes identical to the C++ on ${identical} of ${SCENES}; pixels copied in`)
  return [
    { ...exactRow, ok: exactRow.ok && identical === SCENES },
    speedRow("fast", 45, "pixels copied in"),
    agreementRow(),
  ]
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
