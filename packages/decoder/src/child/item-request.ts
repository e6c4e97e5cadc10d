import type { RequestMessage } from "../protocol.ts"

/** A request with its bytes. */
export interface ItemRequest extends RequestMessage {
  readonly payload: Uint8Array
}
