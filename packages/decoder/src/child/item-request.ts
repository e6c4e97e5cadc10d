import type { RequestMessage } from "../protocol.ts"

/** A request with its bytes. */
export interface ItemRequest extends RequestMessage {
  readonly payload: Uint8Array
  /** Asks for a part; for a `stream` alone. @throws {SourceError} where it cannot be read. */
  readonly ask?: (offset: number, length: number) => Promise<Uint8Array>
}
