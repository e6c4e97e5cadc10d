/**
 * Compiles the package's AssemblyScript module to `wasm/`: `node packages/dataset/scripts/build-wasm.mjs`. The output
 * is committed; the same compiler version gives the same bytes, and a test rebuilds and compares them.
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { compileAssembly } from "../../../scripts/compile-assembly.mjs"

const packageFolder = resolve(import.meta.dirname, "..")

/** Names of the modules: `assembly/<name>/index.ts` becomes `wasm/<name>.wasm`. */
export const moduleNames = ["columns"]

/**
 * Compiles one module in memory.
 *
 * @returns Its bytes; nothing is written.
 * @throws {Error} with the compiler's diagnostics if it does not compile.
 */
export function buildWasm(name) {
  return compileAssembly(packageFolder, name, ["--enable", "relaxed-simd"])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(join(packageFolder, "wasm"), { recursive: true })
  for (const name of moduleNames) {
    const wasm = await buildWasm(name)
    await writeFile(join(packageFolder, "wasm", `${name}.wasm`), wasm)
    console.log(`wasm/${name}.wasm ${wasm.length} bytes`)
  }
}
