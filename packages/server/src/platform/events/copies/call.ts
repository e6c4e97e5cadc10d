import { compact } from "@nightlight/core"
import { request } from "undici"
import { copyFault } from "./types.ts"

const ANSWER_MS = 20_000
const ANSWER_BYTES = 64 * 1024 * 1024

/** An answer of a place; redirects are not followed. */
export interface PlaceAnswer {
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly text: string
}

/** Calls an external place. @throws {DependencyError} as `copyFault` `unreachable`. */
export async function callPlace(
  url: URL,
  options: {
    readonly method: "GET" | "HEAD" | "PUT" | "POST"
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  },
): Promise<PlaceAnswer> {
  const { method, headers, body } = options
  try {
    const answer = await request(
      url,
      compact({
        method,
        headers: { ...headers },
        signal: AbortSignal.timeout(ANSWER_MS),
        body,
      }),
    )
    const parts: Buffer[] = []
    let bytes = 0
    for await (const part of answer.body as AsyncIterable<Buffer>) {
      bytes += part.length
      if (bytes > ANSWER_BYTES) throw copyFault("refused")
      parts.push(part)
    }
    return {
      status: answer.statusCode,
      header: (name) => {
        const value = answer.headers[name]
        return typeof value === "string" ? value : undefined
      },
      text: Buffer.concat(parts).toString("utf8"),
    }
  } catch {
    throw copyFault("unreachable")
  }
}
