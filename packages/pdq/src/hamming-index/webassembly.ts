/**
 * The part of the WebAssembly API that this package uses: its types come with a browser's library, which this package
 * does not ask its users to load.
 * @module
 */

/** A compiled module; threads can send it to each other. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string
}

/** A memory that several threads share and can send to each other. */
export interface SharedMemory {
  /** The memory as of now; an earlier buffer stays valid, but does not show what was grown since. */
  readonly buffer: SharedArrayBuffer
  /** Adds zeroed pages of 64 KiB. Returns how many there were before. */
  grow(pages: number): number
}

interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: object }
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory
}

/** The runtime's WebAssembly. */
export const wasm: WasmApi = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly
