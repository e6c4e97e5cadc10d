/**
 * Compiles the package's AssemblyScript module to `wasm/md5.wasm`: `node packages/decoder/scripts/build-wasm.mjs`. The
 * output is committed; the same compiler version gives the same bytes, and a test rebuilds and compares them.
 * @module
 */
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import asc from "assemblyscript/asc"

const packageFolder = resolve(import.meta.dirname, "..")

const FLAGS = ["-O3", "--converge", "--noAssert", "--runtime", "stub", "--enable", "simd"]

/**
 * Compiles the module in memory.
 *
 * @returns Its bytes; nothing is written.
 * @throws {Error} with the compiler's diagnostics if it does not compile.
 */
export async function buildWasm() {
  let wasm
  const { error, stderr } = await asc.main(
    ["assembly/md5/index.ts", "--baseDir", packageFolder, "--outFile", "md5.wasm", ...FLAGS],
    {
      readFile: (file, baseDir) => readFile(resolve(baseDir, file), "utf8").catch(() => null),
      writeFile: (_file, contents) => {
        wasm = contents
      },
    },
  )
  if (error !== null || wasm === undefined) {
    throw new Error(`cannot compile assembly/md5: ${error?.message ?? "no output"}\n${stderr.toString()}`)
  }
  return wasm
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wasm = await buildWasm()
  await mkdir(join(packageFolder, "wasm"), { recursive: true })
  await writeFile(join(packageFolder, "wasm", "md5.wasm"), wasm)
  console.log(`wasm/md5.wasm ${wasm.length} bytes`)
}
