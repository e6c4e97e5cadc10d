/** A body's bytes and their type. */
export interface Payload {
  readonly contentType: string
  readonly bytes: Uint8Array
}
