import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { createHasher, toHex } from "../src/index.ts"

const run = promisify(execFile)

/** A program that removes everything specific to Node, then hashes with a given module, then without. */
const PROGRAM = `
  import { readFileSync } from "node:fs"
  const bytes = new Uint8Array(readFileSync(new URL("../wasm/hash.wasm", "PACKAGE")))
  const { log } = console
  delete globalThis.process
  delete globalThis.Buffer
  delete globalThis.SharedArrayBuffer
  const { createHasher, toHex } = await import("PACKAGE")
  const pixels = new Uint8Array(300).map((_, at) => at * at)
  log(toHex(createHasher(bytes).hash(pixels, { width: 10, height: 10, channels: 3 }).hash))
  try { createHasher() } catch ({ name, code }) { log(name, code) }
`

it("pictures can be hashed without Node's own APIs, as in a browser", async () => {
  const entry = new URL("../src/index.ts", import.meta.url).href
  const program = PROGRAM.replaceAll("PACKAGE", entry)
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program])
  const pixels = new Uint8Array(300).map((_, i) => i * i)
  const expected = createHasher().hash(pixels, { width: 10, height: 10, channels: 3 }).hash
  expect(stdout).toBe(`${toHex(expected)}\nPdqError module_unusable\n`)
})
