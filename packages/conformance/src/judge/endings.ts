/**
 * Judges how answers end when something in them was stopped.
 * @module
 */
import type { Planted } from "../case/case.ts"
import type { Problem } from "../case/problems.ts"
import type { Received } from "../client/received.ts"
import { errorOf, refusalProblems } from "./refusal.ts"

/** Returns the problems of a stopped answer's end. */
export type Ending = (received: Received, planted: Planted) => readonly Problem[]

interface Choice {
  readonly index?: number
  readonly finish_reason?: string | null
}

/** A whole chat completion or completion must be refused, or have each choice (`choices` of them) ended by a filter. */
export function wholeEnding(choices?: number): Ending {
  return (received, planted) => {
    if (received.status >= 300 || received.broken) return refusalProblems(received, planted)
    const given = choicesOf(received.json)
    if (given.length === 0 || (choices !== undefined && given.length !== choices)) return ["choices_wrong"]
    return given.every(({ finish_reason }) => finish_reason === "content_filter") ? [] : ["ending_wrong"]
  }
}

/**
 * In a streamed one, each choice that began must end once, by a filter, and `[DONE]` must be last; or an error ends it.
 */
export const streamEnding: Ending = (received, planted) => {
  if (received.status >= 300 || received.broken) return refusalProblems(received, planted)
  const { events } = received
  const hard = hardProblems(received)
  if (hard !== undefined) return hard
  const problems: Problem[] = []
  if (events.some(({ json, data }) => json === undefined && data !== "[DONE]")) problems.push("stream_malformed")
  if (events.findIndex(({ data }) => data === "[DONE]") !== events.length - 1 || events.length === 0) {
    problems.push("done_missing")
  }
  const reasons = new Map<number, string[]>()
  for (const { index = 0, finish_reason } of events.flatMap(({ json }) => choicesOf(json))) {
    const of = reasons.get(index) ?? []
    reasons.set(index, of)
    if (finish_reason != null) of.push(finish_reason)
  }
  const ended = [...reasons.values()].every((of) => of.length === 1)
  const filtered = [...reasons.values()].some((of) => of[0] === "content_filter")
  return ended && filtered ? problems : [...problems, "ending_wrong"]
}

/** A whole response must be refused, or incomplete because of a filter. */
export const responseEnding: Ending = (received, planted) => {
  if (received.status >= 300 || received.broken) return refusalProblems(received, planted)
  return isFiltered(received.json) ? [] : ["ending_wrong"]
}

/** A streamed response must have numbered events, end each item that began, and end with `response.incomplete`. */
export const responseStreamEnding: Ending = (received, planted) => {
  if (received.status >= 300 || received.broken) return refusalProblems(received, planted)
  const { events } = received
  const hard = hardProblems(received)
  if (hard !== undefined) return hard
  const problems: Problem[] = [...responseStreamProblems(received)]
  const last = events.findLast(({ data }) => data !== "[DONE]")?.json as Named | undefined
  const ended = last?.type === "response.incomplete" && isFiltered(last.response)
  return ended ? problems : [...problems, "ending_wrong"]
}

/** Returns problems of a streamed response's events: malformed events, wrong numbers, items that never end. */
export function responseStreamProblems({ events }: Received): readonly Problem[] {
  const named = events.filter(({ data }) => data !== "[DONE]").map(({ json }) => json as Named | undefined)
  const problems: Problem[] = []
  if (named.some((event) => typeof event?.type !== "string")) problems.push("stream_malformed")
  const numbers = named.map((event) => event?.sequence_number ?? Number.NaN)
  if (numbers.some((number, index) => !(index === 0 ? number >= 0 : number > (numbers[index - 1] ?? Number.NaN)))) {
    problems.push("sequence_broken")
  }
  const count = (type: string) => named.filter((event) => event?.type === type).length
  if (count("response.output_item.added") !== count("response.output_item.done")) problems.push("ending_wrong")
  if (TERMINAL.reduce((sum, type) => sum + count(type), 0) !== 1) problems.push("done_missing")
  return problems
}

/** Pictures must be refused, or be as many as requested, each with its bytes. */
export function picturesEnding(pictures: number): Ending {
  return (received, planted) => {
    if (received.status >= 300 || received.broken) return refusalProblems(received, planted)
    const data = (received.json as { readonly data?: unknown } | undefined)?.data
    const items: unknown[] = Array.isArray(data) ? data : []
    const whole = items.every((item) => typeof (item as { readonly b64_json?: unknown } | null)?.b64_json === "string")
    return items.length === pictures && whole ? [] : ["choices_wrong"]
  }
}

/** A stream of pictures must be refused, or end with an error that clients do not retry. */
export const picturesStreamEnding: Ending = (received, planted) => {
  if (received.status >= 300 || received.broken) return refusalProblems(received, planted)
  return hardProblems(received) ?? ["ending_wrong"]
}

const TERMINAL = ["response.completed", "response.incomplete", "response.failed"]

interface Named {
  readonly type?: unknown
  readonly sequence_number?: number
  readonly response?: unknown
}

/** Judges an error that ends a stream: its type must be one that clients do not retry. */
function hardProblems({ events }: Received): readonly Problem[] | undefined {
  const { json, event } = events.findLast(({ data }) => data !== "[DONE]") ?? {}
  const error = event === "error" ? (errorOf(json) ?? (json as Readonly<Record<string, unknown>>)) : errorOf(json)
  if (error === undefined || error === null) return undefined
  const type = `${String(error["type"])} ${String(error["code"])}`
  return type.includes("invalid") ? [] : ["invites_retry"]
}

function isFiltered(response: unknown): boolean {
  const { status, incomplete_details } = (response ?? {}) as {
    readonly status?: unknown
    readonly incomplete_details?: { readonly reason?: unknown } | null
  }
  return status === "incomplete" && incomplete_details?.reason === "content_filter"
}

function choicesOf(json: unknown): readonly Choice[] {
  const choices = (json as { readonly choices?: unknown } | null | undefined)?.choices
  return Array.isArray(choices) ? (choices as Choice[]) : []
}
