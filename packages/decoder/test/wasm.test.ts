import { readFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { expect, it } from "vitest"

it.each(["md5", "jpeg"])("the committed module %s equals its compiled source", async (name) => {
  const script = pathToFileURL(join(import.meta.dirname, "..", "scripts", "build-wasm.mjs")).href
  const { buildWasm } = (await import(script)) as { readonly buildWasm: (name: string) => Promise<Uint8Array> }
  const committed = readFileSync(join(import.meta.dirname, "..", "wasm", `${name}.wasm`))
  expect(Buffer.compare(await buildWasm(name), committed)).toBe(0)
})
