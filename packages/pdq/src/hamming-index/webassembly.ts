/**
 * The part of the WebAssembly API that this package uses. Its types are in a browser library, which this package does
 * not require.
 * @module
 */

/** A compiled module; threads can send it to each other. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string
}

/** A shared memory; threads can send it to each other. */
export interface SharedMemory {
  /** The current memory; an earlier buffer stays valid, but does not include later growth. */
  readonly buffer: SharedArrayBuffer
  /** Adds zeroed pages of 64 KiB. Returns the previous number of pages. */
  grow(pages: number): number
}

interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: object }
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory
}

/** The runtime's WebAssembly. */
export const wasm: WasmApi = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly
