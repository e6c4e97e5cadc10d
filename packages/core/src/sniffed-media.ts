import type { MediaKind } from "./fingerprint.ts"

/** Real type of a file. */
export interface SniffedMedia {
  /** `application/octet-stream` where it is unknown. */
  readonly mediaType: string
  readonly kind: MediaKind
}
