import type { Clock } from "@nightlight/core"
import type { z } from "zod"
import type { Exchange } from "./exchange.ts"

/** A kind of exchange, and how one is opened. `EXCHANGE_KINDS` lists all of them. */
export interface ExchangeKind<Settings = unknown, Credentials = unknown> {
  /** Its name for people. */
  readonly title: string
  /** What of it was read in published sources or tried, and what was not. One or two sentences. */
  readonly verified: string
  /** Settings without secrets. */
  readonly settings: z.ZodType<Settings>
  /** Secrets, which the operator keeps in a file or variable. */
  readonly credentials: z.ZodType<Credentials>
  /** Makes a connection; nothing is called yet. @throws {RequestError} `input_invalid` for an address of another form. */
  open(settings: Settings, credentials: Credentials, surroundings: ExchangeSurroundings): Exchange
}

/** What a connection needs of its process. */
export interface ExchangeSurroundings {
  readonly clock: Clock
  /** PEM of authorities that replace the system's. */
  readonly certificateAuthorities?: readonly string[]
  /** Milliseconds for one call, 120,000 by default. */
  readonly timeoutMs?: number
}
