/** Marks a character that is not a digit of base64. */
export const OTHER = 255
/** Marks white space, which may come between digits of a run. */
export const SPACE = 64

/**
 * Value of each ASCII character as a digit of base64, in either alphabet; white space and control characters are {@link
 * SPACE}.
 */
export const BASE64_VALUES: Uint8Array = new Uint8Array(0x80).fill(OTHER)
for (const [value, digit] of Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").entries()) {
  BASE64_VALUES[digit.charCodeAt(0)] = value
}
BASE64_VALUES[0x2d] = 62
BASE64_VALUES[0x5f] = 63
BASE64_VALUES.fill(SPACE, 0, 0x21)
BASE64_VALUES[0x7f] = SPACE
