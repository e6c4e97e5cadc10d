import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fromHex, hammingDistance } from "@nightlight/pdq"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Decoder, openDecoder } from "../src/index.ts"
import { firstView } from "./support.ts"

const DATA = join(import.meta.dirname, "../../../../shared/data/pdq")
const VECTORS = join(DATA, "vectors/images.json")

interface Vector {
  readonly local: string
  readonly fullres: { readonly hash: string; readonly quality: number }
  readonly ref512nn: { readonly hash: string; readonly quality: number }
}

const vectors: Vector[] = existsSync(VECTORS) ? JSON.parse(readFileSync(VECTORS, "utf8")) : []

describe.skipIf(vectors.length === 0)("published pictures (skipped where ../shared/data/pdq is absent)", () => {
  for (const profile of ["fullres", "ref512nn"] as const) {
    describe(profile, () => {
      let decoder: Decoder
      beforeAll(async () => {
        decoder = await openDecoder({ readRoots: [DATA], processes: 1, profile, kernel: "exact" })
      })
      afterAll(() => decoder[Symbol.asyncDispose]())

      it.each(vectors.map((vector) => [vector.local, vector[profile]] as const))(
        "%s has the reference's hash within 2 bits",
        async (local, { hash, quality }) => {
          const view = firstView(await decoder.fingerprint({ kind: "file", path: join(DATA, local) }))
          expect(hammingDistance(fromHex(view.pdq), fromHex(hash))).toBeLessThanOrEqual(2)
          expect(Math.abs(view.quality - quality)).toBeLessThanOrEqual(1)
        },
      )
    })
  }
})
