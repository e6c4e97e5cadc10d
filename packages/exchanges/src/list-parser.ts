import type { ListItem } from "@nightlight/core"

/** Turns a list's text, piece by piece, into items. Pieces may be cut anywhere; memory stays bounded whatever comes. */
export interface ListParser {
  /**
   * Takes the next bytes.
   *
   * @param bytes - UTF-8 without a byte order mark. Not kept after the call.
   * @param into - receives what is complete, in the list's order.
   * @throws {RequestError} `list_malformed` when the list as a whole cannot be read.
   */
  push(bytes: Uint8Array, into: ListItem[]): void
  /**
   * Says that nothing follows.
   *
   * @throws {RequestError} `list_malformed` when the list breaks off.
   */
  end(into: ListItem[]): void
}
