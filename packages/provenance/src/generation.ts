/**
 * A generated picture as a line of the log.
 * @module
 */
import { compact } from "@nightlight/core"

/** Facts about a generated picture. */
export interface Generation {
  /** Id of the request that made it. */
  readonly generationId: string
  readonly model: string
  /** PDQ hash: 64 lower-case hexadecimal digits. */
  readonly pdq: string
  /** 0 to 100. */
  readonly quality: number
  /** Keyed digest of the end user's account, where one was named. */
  readonly account?: string
}

/** A generation with its time. */
export interface LoggedGeneration extends Generation {
  /** ISO 8601, UTC. */
  readonly at: string
}

const HASH = /^[0-9a-f]{64}$/
const ID = /^[A-Za-z0-9._-]{1,80}$/
const MODEL = /^[A-Za-z0-9._:/@-]{1,100}$/

/** Writes a line. A model name that contains more than a name, which a caller may send, becomes `other`. */
export function toLine({ generationId, model, pdq, quality, account, at }: LoggedGeneration): string {
  const named = MODEL.test(model) ? model : "other"
  return `${JSON.stringify(compact({ at, generationId, model: named, pdq, quality, account }))}\n`
}

/** Reads a line; `undefined` where it is malformed. */
export function parseLine(line: string): LoggedGeneration | undefined {
  try {
    const { at, generationId, model, pdq, quality, account } = JSON.parse(line) as Record<string, unknown>
    if (typeof at !== "string" || typeof generationId !== "string" || !ID.test(generationId)) return undefined
    if (typeof model !== "string" || typeof pdq !== "string" || !HASH.test(pdq)) return undefined
    if (typeof quality !== "number") return undefined
    return compact({
      at,
      generationId,
      model,
      pdq,
      quality,
      account: typeof account === "string" ? account : undefined,
    })
  } catch {
    return undefined
  }
}
