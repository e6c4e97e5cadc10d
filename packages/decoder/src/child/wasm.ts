import { readFileSync } from "node:fs"

/** The part of the API used here; its types come with a browser's library. */
interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: object }
}

/**
 * Prepares a module of `wasm/` that imports nothing.
 *
 * @returns What starts it, each time with memory of its own.
 * @throws {Error} when it cannot be read or is no module.
 */
export function loadWasm<Exports>(name: "md5" | "jpeg"): () => Exports {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly
  const module = new Module(readFileSync(new URL(`../../wasm/${name}.wasm`, import.meta.url)))
  return () => new Instance(module, {}).exports as Exports
}
