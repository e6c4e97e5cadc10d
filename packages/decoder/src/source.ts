/** Location of an item's bytes. Paths are absolute and inside one of the decoder's read roots. */
export type DecodeSource =
  /** A whole file. The last part of the path must not be a symbolic link. */
  | { readonly kind: "file"; readonly path: string }
  /** `length` bytes of a file from `offset`: an uncompressed member of a shard. */
  | { readonly kind: "range"; readonly path: string; readonly offset: number; readonly length: number }
  /** Bytes in memory, not copied: the caller must not change them until the fingerprint is made. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | StreamSource

/**
 * Bytes elsewhere, which the child asks for part by part. Memory holds one part of them: the next one is read when the
 * child has taken the last.
 */
export interface StreamSource {
  readonly kind: "stream"
  readonly length: number
  /**
   * Reads `length` bytes from `offset`; they lie within the item. Called again for what was read where a child died. What
   * it throws makes the item `source_unreadable`.
   */
  read(offset: number, length: number): Promise<Uint8Array>
}
