/**
 * A server of answers in a table, behind the browser's own `fetch`: what it is not told to answer it does not have.
 */
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

/** No answer comes: the line is down. */
export const OFFLINE = Symbol("offline")
/** The answer takes for ever. */
export const SLOW = Symbol("slow")

/** A call that a page made. */
export interface MadeCall {
  /** `GET /v1/cases`, without its query. */
  readonly call: string
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
}

/**
 * Answers by call, such as `GET /v1/cases`: JSON, `null` for none, a {@link Problem}, {@link OFFLINE}, {@link SLOW}, or a
 * function of the {@link MadeCall} that gives one of them.
 */
export type Answers = Record<string, unknown>

/** Answers from now on; gives the calls that are made, in their order. */
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
