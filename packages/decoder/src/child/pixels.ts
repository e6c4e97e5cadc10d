/** Pixels of one frame, 8 bits per channel, sRGB, rows from the top without padding. */
export interface Pixels {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
  /** RGB, or RGBA with straight alpha. */
  readonly channels: 3 | 4
  /** Releases the memory at once; the pixels are invalid afterwards. */
  release(): void
}

/** Releases an array's memory at once. The garbage collector sees only a small object, and would act too late. */
export function releaseMemory({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}
