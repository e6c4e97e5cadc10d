import { PdqError } from "./errors.ts"
import { type WasmModule, wasm } from "./hamming-index/webassembly.ts"

/** What `assembly/hash/index.ts` exports. Addresses come back signed. */
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
  /** 1 where what `hash` or `dihedral` wrote may lie further than 4 bits from the exact kernel's. */
  mayDiffer(): number
}

/** The package's own module, compiled once a thread. */
let ownModule: WasmModule | undefined

/**
 * Starts the hashing module.
 *
 * @param source - Compiled, or as bytes; where left out it is read from the package's `wasm` folder, in Node.
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
    // Not an import: browsers load this file too, and give the module themselves.
    const { readFileSync } = process.getBuiltinModule("node:fs")
    ownModule = compile(readFileSync(new URL("../wasm/hash.wasm", import.meta.url)))
  }
  return ownModule
}
