import type { RequestMessage } from "../protocol.ts"

/** A request with the bytes that came with it. */
export interface ItemRequest extends RequestMessage {
  readonly payload: Uint8Array
}
