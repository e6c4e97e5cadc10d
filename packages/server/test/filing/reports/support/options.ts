import type { PoolConfig } from "pg"

/** What a filing worker is started with. */
export interface WorkerOptions {
  readonly database: PoolConfig
  readonly socket: string
  /** 32 bytes, hexadecimal. */
  readonly contextKey: string
  /** Where it kills itself, such as `after-upload`, the nth time it comes there. */
  readonly dieAt?: { readonly point: string; readonly nth: number }
}
