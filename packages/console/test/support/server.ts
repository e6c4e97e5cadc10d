/** A fake server behind the browser's `fetch`, which answers from a table. */
import { vi } from "vitest"

/** A problem document with its status. */
export class Problem {
  readonly status: number
  readonly type: string
  readonly title: string

  constructor(status: number, type: string, title: string) {
    this.status = status
    this.type = type
    this.title = title
  }
}

/** Makes a call fail without an answer. */
export const OFFLINE = Symbol("offline")
/** Makes a call never answer. */
export const SLOW = Symbol("slow")

/** A call that a page made. */
export interface MadeCall {
  /** Method and path, such as `GET /v1/cases`, without the query. */
  readonly call: string
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
}

/**
 * Answers by method and path: JSON, `null` for an empty answer, a {@link Problem}, {@link OFFLINE}, {@link SLOW}, or a
 * function from the {@link MadeCall} to one of them.
 */
export type Answers = Record<string, unknown>

/** Starts to answer from the table; returns the calls as they are made, in order. */
export function serve(answers: Answers): readonly MadeCall[] {
  const made: MadeCall[] = []
  vi.stubGlobal("fetch", async (input: string, { method = "GET", body, signal }: RequestInit = {}) => {
    const url = new URL(input, "https://console.example")
    const now: MadeCall = {
      call: `${method} ${url.pathname}`,
      query: Object.fromEntries(url.searchParams),
      body: typeof body === "string" ? JSON.parse(body) : undefined,
    }
    made.push(now)
    const listed = answers[now.call]
    const answer: unknown = typeof listed === "function" ? (listed as (made: MadeCall) => unknown)(now) : listed
    if (answer === SLOW) return untilAborted(signal)
    if (answer === OFFLINE) throw new TypeError("no line")
    if (answer === undefined) return problem(new Problem(404, "not_found", "there is no such thing"))
    if (answer instanceof Problem) return problem(answer)
    return answer === null ? new Response(undefined, { status: 204 }) : Response.json(answer)
  })
  return made
}

function problem({ status, type, title }: Problem): Response {
  return Response.json({ type, title, status }, { status })
}

function untilAborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(new DOMException("over", "AbortError")))
  })
}
