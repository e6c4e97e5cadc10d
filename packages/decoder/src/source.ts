/** Where an item's bytes are. Paths are absolute and lie in one of the decoder's read roots. */
export type DecodeSource =
  /** A whole file. The last part of the path may not be a symbolic link. */
  | { readonly kind: "file"; readonly path: string }
  /** `length` bytes of a file from `offset`: an uncompressed member of a shard. */
  | { readonly kind: "range"; readonly path: string; readonly offset: number; readonly length: number }
  /** Bytes in memory, not copied: unchanged by the caller until the fingerprint is there. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
