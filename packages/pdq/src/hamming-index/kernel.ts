/**
 * The WebAssembly module of the index, and its instances, one per thread over a shared memory.
 * @module
 */
import { PdqError } from "../errors.ts"
import { MAX_PAGES, PAGE_BYTES, SCRATCH_PAGES } from "./layout.ts"
import { type SharedMemory, type WasmModule, wasm } from "./webassembly.ts"

/** Most threads that can attach to one memory in its lifetime. */
const MAX_ATTACHMENTS = 256

/** Exports of `assembly/hamming/index.ts`; addresses and counts are unsigned but are returned as signed. */
export interface KernelExports {
  configure(scratch: number): void
  storeRows(source: number, count: number, firstRow: number, strideBytes: number): void
  buildTable(table: number, skipWithdrawn: number): void
  checkTables(): number
  lookup(from: number, end: number, radiusBits: number): number
  needsScan(): number
  scan(index: number, radiusBits: number, row: number): number
  flatScan(hashes: number, count: number, radiusBits: number, row: number): number
  matchCount(): number
  clearMatches(): void
  add(): number
  withdraw(id: number): number
  sortMatches(): void
  huntConfigure(newCount: number, flips: number, hashes: number, sections: number): void
  huntBuild(): void
  huntLoad(rows: number): void
  huntBlock(first: number, rows: number, radiusBits: number): number
  huntScan(row: number, radiusBits: number, from: number): number
}

/** One thread's instance, with its own scratch. */
export interface Kernel {
  readonly exports: KernelExports
  readonly module: WasmModule
  readonly memory: SharedMemory
  /** Address of the scratch, at whose start the queries are. */
  readonly scratch: number
  /** The memory that this thread may use. */
  readonly bytes: Uint8Array
}

let compiled: WasmModule | undefined

/**
 * Compiles the module, once per thread.
 *
 * @throws {PdqError} `module_unusable` if it is missing or this runtime lacks SIMD or threads.
 */
export function hammingModule(): WasmModule {
  if (compiled === undefined) {
    try {
      // Not an import, because browsers also load this package's hashing.
      const { readFileSync } = process.getBuiltinModule("node:fs")
      compiled = new wasm.Module(readFileSync(new URL("../../wasm/hamming.wasm", import.meta.url)))
    } catch (error) {
      throw new PdqError("module_unusable", "cannot compile wasm/hamming.wasm", { cause: error })
    }
  }
  return compiled
}

/**
 * Makes a zeroed shared memory of at least `sizeBytes`, which can grow for the scratch of many threads.
 *
 * @throws {PdqError} `memory_exhausted` if the system does not provide it.
 */
export function createMemory(sizeBytes: number): SharedMemory {
  const initial = Math.max(1, Math.ceil(sizeBytes / PAGE_BYTES))
  const maximum = Math.min(MAX_PAGES, initial + MAX_ATTACHMENTS * SCRATCH_PAGES)
  try {
    return new wasm.Memory({ initial, maximum, shared: true })
  } catch {
    throw new PdqError("memory_exhausted", `cannot get ${initial} pages of shared memory`)
  }
}

/**
 * Makes an instance for this thread. Its scratch is new memory, so that threads never share one.
 *
 * @throws {PdqError} `memory_exhausted` if there is no room for the scratch.
 */
export function createKernel(memory: SharedMemory, module: WasmModule): Kernel {
  let firstPage: number
  try {
    firstPage = memory.grow(SCRATCH_PAGES)
  } catch {
    throw new PdqError("memory_exhausted", "no room for another thread's scratch")
  }
  const scratch = firstPage * PAGE_BYTES
  const exports = new wasm.Instance(module, { env: { memory } }).exports as unknown as KernelExports
  exports.configure(scratch)
  return { exports, module, memory, scratch, bytes: new Uint8Array(memory.buffer) }
}
