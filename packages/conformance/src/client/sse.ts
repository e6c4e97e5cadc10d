/**
 * Reads an event stream as a client does.
 *
 * Source: WHATWG HTML, 9.2.6 "Interpreting an event stream".
 * @module
 */
import { tryParseJson } from "@nightlight/core"

/** One event of a stream. */
export interface ReceivedEvent {
  readonly event: string
  readonly data: string
  /** The data as JSON; `undefined` if it is not JSON, such as `[DONE]`. */
  readonly json: unknown
}

/** Reads the events of a whole stream. Data after the last blank line counts as an event too. */
export function readEvents(text: string): readonly ReceivedEvent[] {
  const found: ReceivedEvent[] = []
  for (const block of text.replace(/^\ufeff/, "").split(/(?:\r\n|\n|\r){2,}/)) {
    let event = "message"
    const data: string[] = []
    for (const line of block.split(/\r\n|\n|\r/)) {
      const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
      if (field === "event") event = value
      if (field === "data") data.push(value)
    }
    if (data.length > 0) found.push({ event, data: data.join("\n"), json: tryParseJson(data.join("\n")) })
  }
  return found
}
