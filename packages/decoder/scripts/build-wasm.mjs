/**
 * Compiles the package's AssemblyScript modules to `wasm/`: `node packages/decoder/scripts/build-wasm.mjs`. The output
 * is committed; the same compiler version gives the same bytes, and a test rebuilds and compares them.
 * @module
 */
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import asc from "assemblyscript/asc"

const packageFolder = resolve(import.meta.dirname, "..")

const FLAGS = ["-O3", "--converge", "--noAssert", "--runtime", "stub", "--enable", "simd"]

/** Names of the modules: `assembly/<name>/index.ts` becomes `wasm/<name>.wasm`. */
export const moduleNames = ["md5", "jpeg"]

/**
 * Compiles one module in memory.
 *
 * @returns Its bytes; nothing is written.
 * @throws {Error} with the compiler's diagnostics if it does not compile.
 */
export async function buildWasm(name) {
  let wasm
  const { error, stderr } = await asc.main(
    [`assembly/${name}/index.ts`, "--baseDir", packageFolder, "--outFile", `${name}.wasm`, ...FLAGS],
    {
      readFile: (file, baseDir) => readFile(resolve(baseDir, file), "utf8").catch(() => null),
      writeFile: (_file, contents) => {
        wasm = contents
      },
    },
  )
  if (error !== null || wasm === undefined) {
    throw new Error(`cannot compile assembly/${name}: ${error?.message ?? "no output"}\n${stderr.toString()}`)
  }
  return wasm
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(join(packageFolder, "wasm"), { recursive: true })
  for (const name of moduleNames) {
    const wasm = await buildWasm(name)
    await writeFile(join(packageFolder, "wasm", `${name}.wasm`), wasm)
    console.log(`wasm/${name}.wasm ${wasm.length} bytes`)
  }
}
