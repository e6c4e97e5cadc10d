/**
 * An answer as a client received it, and its texts, also those that are spread over pieces.
 * @module
 */
import { tryParseJson } from "@nightlight/core"
import { type ReceivedEvent, readEvents } from "./sse.ts"

/** A complete answer. */
export interface Received {
  /** 0 if there was no answer. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
  readonly text: string
  /** The body as JSON; `undefined` if it is not JSON. */
  readonly json: unknown
  /** Empty unless the body is a stream. */
  readonly events: readonly ReceivedEvent[]
  /** Whether the connection broke before the end or timed out. */
  readonly broken: boolean
  /** Whether its status is one with which the target is declared to block. */
  readonly isDeclaredBlock: boolean
}

/** Puts an answer together. */
export function toReceived(
  status: number,
  headers: Readonly<Record<string, string>>,
  bytes: Uint8Array,
  broken: boolean,
  isDeclaredBlock: boolean,
): Received {
  const text = Buffer.from(bytes).toString()
  const isStream = (headers["content-type"] ?? "").startsWith("text/event-stream")
  return {
    status,
    headers,
    bytes,
    text,
    json: tryParseJson(text),
    events: isStream ? readEvents(text) : [],
    broken,
    isDeclaredBlock,
  }
}

/** Whether the status is 2xx. */
export function isSuccess({ status }: Received): boolean {
  return status >= 200 && status < 300
}

/** Every text to search: the body, headers, each string, and strings that grow over the events of a stream. */
export function textsOf({ text, headers, json, events }: Received): readonly string[] {
  const grown = new Map<string, string>()
  for (const { event, json: value } of events) {
    collect(value, event, (key, leaf) => grown.set(key, (grown.get(key) ?? "") + leaf))
  }
  return [text, Object.values(headers).join("\n"), leavesOf(json).join("\n"), ...grown.values()]
}

/** Every string of a value, in order. */
export function leavesOf(value: unknown): readonly string[] {
  const leaves: string[] = []
  collect(value, "", (_, leaf) => leaves.push(leaf))
  return leaves
}

/** Strings under the same name, joined as a model reads neighbouring parts of a text. */
export function joinedOf(value: unknown): readonly string[] {
  const joined = new Map<string, string>()
  collect(value, "", (key, leaf) => {
    const name = key.slice(key.lastIndexOf(".") + 1)
    joined.set(name, (joined.get(name) ?? "") + leaf)
  })
  return [...joined.values()]
}

/** Visits each string. The key distinguishes places, also by numbers and ids in objects. */
function collect(value: unknown, key: string, take: (key: string, leaf: string) => void): void {
  if (typeof value === "string") take(key, value)
  else if (Array.isArray(value)) for (const [i, one] of value.entries()) collect(one, `${key}[${i}]`, take)
  else if (typeof value === "object" && value !== null) {
    const { index, output_index, content_index } = value as Readonly<Record<string, unknown>>
    const numbers = [index, output_index, content_index].filter((number) => typeof number === "number").join(",")
    for (const [name, one] of Object.entries(value)) {
      take(`${key}.names`, name)
      collect(one, `${key}(${numbers}).${name}`, take)
    }
  }
}
