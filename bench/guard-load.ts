/**
 * The load of the guard's bench: chat requests over kept connections, one at a time or many at once.
 * @module
 */
import { Pool } from "undici"
import { median } from "./row.ts"

/** Result of a load. */
export interface LoadResult {
  readonly medianMs: number
  /** Until the first byte of an answer's body. */
  readonly firstByteMs: number
  readonly perSecond: number
}

/** Requests of a load. */
export interface Load {
  readonly port: number
  readonly body: Buffer
  /** Requests under way at once. */
  readonly concurrency: number
  readonly requests: number
  /** Chat completions unless given. */
  readonly path?: string
  /** Text that every answer holds. */
  readonly holds?: string
}

/** Sends the load. @throws {Error} when an answer is not what was asked for. */
export async function sendLoad({
  port,
  body,
  concurrency,
  requests,
  path = "/v1/chat/completions",
  holds = "chatcmpl-bench",
}: Load): Promise<LoadResult> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: concurrency, pipelining: 1 })
  const times: number[] = []
  const firsts: number[] = []
  let left = requests
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const startedAt = performance.now()
      const { statusCode, body: answer } = await pool.request({
        method: "POST",
        path,
        headers: { "content-type": "application/json" },
        body,
      })
      const pieces: Buffer[] = []
      for await (const piece of answer) {
        if (pieces.push(piece as Buffer) === 1) firsts.push(performance.now() - startedAt)
      }
      if (statusCode !== 200 || !Buffer.concat(pieces).includes(holds)) throw new Error(`answered ${statusCode}`)
      times.push(performance.now() - startedAt)
    }
  }
  const startedAt = performance.now()
  try {
    await Promise.all(Array.from({ length: concurrency }, one))
  } finally {
    await pool.close()
  }
  const perSecond = (requests * 1000) / (performance.now() - startedAt)
  return { medianMs: median(times), firstByteMs: median(firsts), perSecond }
}
