/**
 * Answers of the mock.
 * @module
 */
import type { Answer } from "./mock-upstream.ts"

/** Answers JSON. */
export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return raw(JSON.stringify(value), "application/json", status, headers)
}

/** Answers any text or bytes. */
export function raw(
  body: string | Uint8Array,
  contentType: string,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return (response) => void response.writeHead(status, { "content-type": contentType, ...headers }).end(body)
}

/** Answers a stream in the given pieces, each written separately. */
export function pieces(parts: readonly (string | Uint8Array)[]): Answer {
  return async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.flushHeaders()
    for (const part of parts) {
      response.write(part)
      // Pieces must arrive separately.
      await new Promise((resolve) => setImmediate(resolve))
    }
    response.end()
  }
}

/** Answers a stream in the given pieces, with a pause between them. */
export function slowly(parts: readonly string[], pauseMs: number): Answer {
  return async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    for (const part of parts) {
      response.write(part)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
    response.end()
  }
}

/** Answers a stream of events. */
export function events(values: readonly (object | string)[]): Answer {
  return pieces(values.map(eventText))
}

/** Answers the beginning of a body and breaks the connection. */
export function cutOff(contentType: string, beginning: string): Answer {
  return (response) => {
    response.writeHead(200, { "content-type": contentType })
    response.write(beginning, () => setImmediate(() => response.destroy()))
  }
}

/** Serialises an event. Its name is its `type`, if it has one, as in the responses API. */
export function eventText(value: object | string): string {
  if (typeof value === "string") return `data: ${value}\n\n`
  const { type } = value as { readonly type?: unknown }
  return `${typeof type === "string" ? `event: ${type}\n` : ""}data: ${JSON.stringify(value)}\n\n`
}

/** Cuts a text into pieces of `size` characters. */
export function cut(text: string, size: number): readonly string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${size}}`, "gu")) ?? []
}
