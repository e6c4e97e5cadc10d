/**
 * Server-sent events, written.
 * @module
 */

/** A comment that both ends skip: it keeps a connection alive while nothing is released. */
export const KEEP_ALIVE = ": keep-alive\n\n"

/** Serialises an event. `data` is JSON or a word of the API's own: one line. */
export function sseFrame(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`
}
