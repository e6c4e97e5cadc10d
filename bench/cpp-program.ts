/**
 * Programs in C++ that a bench measures itself against, compiled for one run.
 * @module
 */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"

const run = promisify(execFile)
const OUTPUT_BYTES = 64 * 1_048_576

/** A compiled program of `bench/cpp`. */
export interface CppProgram {
  /** Runs it; the first line of its output is a time, the others are answers. */
  run(args: readonly string[]): Promise<{ readonly time: number; readonly answers: readonly string[] }>
}

/**
 * Compiles a program with g++.
 *
 * @param name - file in `bench/cpp`, without its ending.
 * @param flags - those beside `-O3`.
 * @param folder - for the compiled program.
 * @throws {Error} when there is no g++, or it refuses the source.
 */
export async function compileCpp(name: string, flags: readonly string[], folder: string): Promise<CppProgram> {
  const program = join(folder, name)
  const source = join(import.meta.dirname, "cpp", `${name}.cpp`)
  await run("g++", ["-std=c++17", "-O3", ...flags, "-o", program, source]).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new Error("g++ is needed to compare with C++: apt-get install g++")
    throw error
  })
  return {
    async run(args) {
      const { stdout } = await run(program, [...args], { maxBuffer: OUTPUT_BYTES })
      const [time = "", ...answers] = stdout.trimEnd().split("\n")
      return { time: Number(time), answers }
    },
  }
}
