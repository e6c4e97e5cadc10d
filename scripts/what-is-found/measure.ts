import { type Decoder, openDecoder } from "@nightlight/decoder"
import { fromHex, hammingDistance } from "@nightlight/pdq"
import { CHANGES, type Change } from "./changes.ts"
import { fromPixels } from "./draw.ts"
import { drawScene, type Raw } from "./scenes.ts"

/** Bits within which a hash matches a list's entry, and the quality that it needs. */
export const RADIUS_BITS = 31
const LEAST_QUALITY = 50

/** Kernels that a scan can use; lists are made with the exact one. */
export const KERNELS = ["exact", "fast"] as const

/** How many copies of a change were found, by kernel, and how many were inconclusive. */
export interface Measured {
  readonly change: Change
  readonly copies: number
  readonly found: Readonly<Record<(typeof KERNELS)[number], number>>
  /** Not found and not clear either, with the fast kernel: nothing that a scan lets through. */
  readonly withheld: number
}

/** Makes every change of every picture and looks at it as a scan does. */
export async function measure(pictures: readonly Raw[], changes: readonly Change[] = CHANGES): Promise<Measured[]> {
  const open = (kernel: (typeof KERNELS)[number]) =>
    openDecoder({ readRoots: [], profile: "fullres", kernel, processes: 1 })
  await using exact = await open("exact")
  await using fast = await open("fast")
  const listed = await Promise.all(pictures.map((raw) => listedHash(exact, raw)))
  const measured: Measured[] = []
  for (const change of changes) {
    const found = { exact: 0, fast: 0 }
    let withheld = 0
    await Promise.all(
      pictures.map(async (raw, seed) => {
        const bytes = await change.make({ raw, seed })
        const wanted = listed[seed] ?? new Uint8Array(32)
        const [one, other] = await Promise.all([look(exact, bytes, wanted), look(fast, bytes, wanted)])
        if (one === "found") found.exact++
        if (other === "found") found.fast++
        if (other === "withheld") withheld++
      }),
    )
    measured.push({ change, copies: pictures.length, found, withheld })
  }
  return measured
}

/** So many generated scenes. */
export function scenes(count: number): Raw[] {
  return Array.from({ length: count }, (_, seed) => drawScene(seed))
}

async function listedHash(decoder: Decoder, raw: Raw): Promise<Uint8Array> {
  const { picture } = await decoder.fingerprint({ kind: "bytes", bytes: await fromPixels(raw).png().toBuffer() })
  const [view] = picture?.views ?? []
  if (view === undefined || view.quality < LEAST_QUALITY) throw new Error("expected a picture of quality 50 or more")
  return fromHex(view.pdq)
}

async function look(decoder: Decoder, bytes: Buffer, listed: Uint8Array): Promise<"found" | "withheld" | "missed"> {
  const { picture, inconclusive } = await decoder.fingerprint({ kind: "bytes", bytes: new Uint8Array(bytes) })
  const views = (picture?.views ?? []).filter(({ quality }) => quality >= LEAST_QUALITY)
  const isNear = (hash: string) => hammingDistance(fromHex(hash), listed) <= RADIUS_BITS
  if (views.some(({ dihedral }) => dihedral.some(isNear))) return "found"
  return inconclusive === undefined ? "missed" : "withheld"
}
