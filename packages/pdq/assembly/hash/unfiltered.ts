/** A picture of exactly 64x64 is not filtered: its luma is the small matrix. */
import { lumaOf } from "./luma"
import { SMALL } from "./memory"
import { channels, strideBytes } from "./shape"

/** Takes `count` rows of 64 pixels from row `from` on. */
export function feedUnfiltered(pixels: usize, from: i32, count: i32): void {
  for (let row = 0; row < count; ++row) {
    const at = pixels + <usize>row * strideBytes
    const into = SMALL + (<usize>(from + row) << 8)
    for (let x: usize = 0; x < 64; ++x) store<f32>(into + (x << 2), lumaOf(at + x * channels, channels))
  }
}
