import { readFileSync } from "node:fs"
import { expect, it } from "vitest"

/** The build script, which is plain JavaScript without declarations. */
interface BuildWasm {
  readonly moduleNames: readonly string[]
  readonly buildWasm: (name: string) => Promise<Uint8Array>
}

it.each(["hash", "hamming"])("the committed %s.wasm equals its compiled source", { timeout: 180_000 }, async (name) => {
  const script = new URL("../scripts/build-wasm.mjs", import.meta.url).href
  const { buildWasm, moduleNames } = (await import(script)) as BuildWasm
  expect(moduleNames).toContain(name)
  const committed = readFileSync(new URL(`../wasm/${name}.wasm`, import.meta.url))
  expect(Buffer.compare(await buildWasm(name), committed)).toBe(0)
})
