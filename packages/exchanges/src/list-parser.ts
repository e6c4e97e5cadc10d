import type { ListItem } from "@nightlight/core"

/** Turns a list's text into items, chunk by chunk. Chunks may be cut anywhere; memory is bounded for any input. */
export interface ListParser {
  /**
   * Parses the next bytes.
   *
   * @param bytes - UTF-8 without a byte order mark. Not kept after the call.
   * @param into - receives complete items, in the list's order.
   * @throws {RequestError} `list_malformed` when the list as a whole cannot be read.
   */
  push(bytes: Uint8Array, into: ListItem[]): void
  /**
   * Ends the list.
   *
   * @throws {RequestError} `list_malformed` when the list is cut off.
   */
  end(into: ListItem[]): void
}
