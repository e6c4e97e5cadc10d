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

/**
 * Gives an array's memory back at once. The collector sees the small object that stands for it, not its size, and would
 * come too late.
 */
export function releaseMemory({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}
