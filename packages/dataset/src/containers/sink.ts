/** Takes a file's bytes, in order. */
export type Sink = (pieces: AsyncIterable<Uint8Array>) => Promise<void>
