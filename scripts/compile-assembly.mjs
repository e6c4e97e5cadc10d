/**
 * Compiles one AssemblyScript module of a package in memory.
 * @module
 */
import { readFile } from "node:fs/promises"
import { resolve } from "node:path"
import asc from "assemblyscript/asc"

const COMMON_FLAGS = ["-O3", "--converge", "--noAssert", "--runtime", "stub", "--enable", "simd"]

/**
 * Compiles `assembly/<name>/index.ts` of a package.
 *
 * @param packageFolder - Absolute.
 * @param flags - What the compiler is told beside the flags of every module.
 * @returns The bytes of the module; nothing is written.
 * @throws {Error} with the compiler's diagnostics if it does not compile.
 */
export async function compileAssembly(packageFolder, name, flags = []) {
  let wasm
  const { error, stderr } = await asc.main(
    [`assembly/${name}/index.ts`, "--baseDir", packageFolder, "--outFile", `${name}.wasm`, ...COMMON_FLAGS, ...flags],
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
