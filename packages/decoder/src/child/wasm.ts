import { readFileSync } from "node:fs"

/** The part of the API used here; its types are in a browser library. */
interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: object }
}

/**
 * Compiles a module of `wasm/` that has no imports.
 *
 * @returns a function that starts an instance with its own memory.
 * @throws {Error} when it cannot be read or is not a module.
 */
export function loadWasm<Exports>(name: "md5" | "jpeg"): () => Exports {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly
  const module = new Module(readFileSync(new URL(`../../wasm/${name}.wasm`, import.meta.url)))
  return () => new Instance(module, {}).exports as Exports
}
