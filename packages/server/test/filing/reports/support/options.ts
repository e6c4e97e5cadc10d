import type { PoolConfig } from "pg"

/** Options with which a filing worker is started. */
export interface WorkerOptions {
  readonly database: PoolConfig
  readonly socket: string
  /** 32 bytes, hexadecimal. */
  readonly contextKey: string
  /** Where it kills itself, such as `after-upload`, the nth time it comes there. */
  readonly dieAt?: { readonly point: string; readonly nth: number }
}
