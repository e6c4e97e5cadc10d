import { readFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { expect, it } from "vitest"

it("the committed module columns equals its compiled source", async () => {
  const script = pathToFileURL(join(import.meta.dirname, "..", "scripts", "build-wasm.mjs")).href
  const { buildWasm } = (await import(script)) as { readonly buildWasm: (name: string) => Promise<Uint8Array> }
  const committed = readFileSync(join(import.meta.dirname, "..", "wasm", "columns.wasm"))
  expect(Buffer.compare(await buildWasm("columns"), committed)).toBe(0)
})
