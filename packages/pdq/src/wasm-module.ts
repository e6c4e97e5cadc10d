import { PdqError } from "./errors.ts"
import { type WasmModule, wasm } from "./hamming-index/webassembly.ts"

/** Exports of `assembly/hash/index.ts`. Addresses are returned as signed numbers. */
export interface HashExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  begin(kernel: number, columns: number, rows: number, channels: number, strideBytes: number, strip: number): number
  nextRow(): number
  wantedRows(): number
  feed(count: number): void
  finish(): void
  quality(): number
  hash(): number
  dihedral(): number
  /** 1 where the result of `hash` or `dihedral` may be more than 4 bits from the exact kernel's. */
  mayDiffer(): number
}

/** The package's own module, compiled once per thread. */
let ownModule: WasmModule | undefined

/**
 * Starts the hashing module.
 *
 * @param source - compiled, or as bytes; by default it is read from the package's `wasm` folder, in Node.
 * @throws {PdqError} `module_unusable` if it cannot be read, compiled or started, or is another module.
 */
export function startHashModule(source: WasmModule | Uint8Array | ArrayBuffer | undefined): HashExports {
  let exports: Partial<HashExports>
  try {
    exports = new wasm.Instance(source === undefined ? readOwnModule() : compile(source), {}).exports
  } catch (cause) {
    throw new PdqError("module_unusable", "cannot start wasm/hash.wasm: not given, not found, damaged, or no SIMD", {
      cause,
    })
  }
  if (typeof exports.begin !== "function" || typeof exports.mayDiffer !== "function") {
    throw new PdqError("module_unusable", "expected wasm/hash.wasm, got another module")
  }
  return exports as HashExports
}

function compile(source: WasmModule | Uint8Array | ArrayBuffer): WasmModule {
  if (source instanceof ArrayBuffer) return new wasm.Module(new Uint8Array(source))
  return source instanceof Uint8Array ? new wasm.Module(source) : source
}

function readOwnModule(): WasmModule {
  if (ownModule === undefined) {
    // Not an import, because browsers also load this file and provide the module themselves.
    const { readFileSync } = process.getBuiltinModule("node:fs")
    ownModule = compile(readFileSync(new URL("../wasm/hash.wasm", import.meta.url)))
  }
  return ownModule
}
