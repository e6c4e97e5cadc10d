/**
 * Compiles the package's AssemblyScript modules to `wasm/`.
 *
 * `node packages/pdq/scripts/build-wasm.mjs [name...]` writes the modules named, or all of them. The output is
 * committed; the same compiler version gives the same bytes, and a test rebuilds and compares them.
 * @module
 */
import { existsSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { compileAssembly } from "../../../scripts/compile-assembly.mjs"

const packageFolder = resolve(import.meta.dirname, "..")

/** Compiler flags of each module, by its name: `assembly/<name>/index.ts` becomes `wasm/<name>.wasm`. */
const MODULE_FLAGS = {
  /** Own memory, exported: works in browsers without cross-origin isolation. */
  hash: [],
  /** Imports a shared memory (`env.memory`) of up to 4 GiB, so that all threads read one index. */
  hamming: [
    "--enable",
    "threads",
    "--importMemory",
    "--noExportMemory",
    "--sharedMemory",
    "--initialMemory",
    "1",
    "--maximumMemory",
    "65536",
  ],
}

/** Names of the modules whose source is there. */
export const moduleNames = Object.keys(MODULE_FLAGS).filter((name) =>
  existsSync(join(packageFolder, "assembly", name, "index.ts")),
)

/**
 * Compiles one module in memory.
 *
 * @returns The bytes of the module; nothing is written.
 * @throws {Error} with the compiler's diagnostics if it does not compile.
 */
export function buildWasm(name) {
  return compileAssembly(packageFolder, name, MODULE_FLAGS[name])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = process.argv.slice(2)
  await mkdir(join(packageFolder, "wasm"), { recursive: true })
  for (const name of asked.length > 0 ? asked : moduleNames) {
    const wasm = await buildWasm(name)
    await writeFile(join(packageFolder, "wasm", `${name}.wasm`), wasm)
    console.log(`wasm/${name}.wasm ${wasm.length} bytes`)
  }
}
