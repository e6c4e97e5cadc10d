/** Pixels of one frame, 8 bits a channel, sRGB, rows from the top without padding. */
export interface Pixels {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
  /** RGB, or RGBA with straight alpha. */
  readonly channels: 3 | 4
  /** Gives the memory back at once; the pixels are gone afterwards. */
  release(): void
}
