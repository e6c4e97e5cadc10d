/** Not a digit of base64. */
export const OTHER = 255
/** Stands between digits without ending a run where runs go over white space. */
export const SPACE = 64

/** Value of each ASCII character as a digit of base64, in either alphabet; line ends and other white space are {@link SPACE}. */
export const BASE64_VALUES: Uint8Array = new Uint8Array(0x80).fill(OTHER)
for (const [value, digit] of Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").entries()) {
  BASE64_VALUES[digit.charCodeAt(0)] = value
}
BASE64_VALUES[0x2d] = 62
BASE64_VALUES[0x5f] = 63
for (const space of [0x09, 0x0a, 0x0c, 0x0d, 0x20]) BASE64_VALUES[space] = SPACE

/** Whether a code unit is drawn as nothing, so that it may stand in the middle of a code. */
export function isInvisible(code: number): boolean {
  return code === 0xad || (code >= 0x200b && code <= 0x200f) || (code >= 0x2060 && code <= 0x2064) || code === 0xfeff
}
