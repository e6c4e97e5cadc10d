/**
 * Makes invisible and direction-changing characters visible, because untrusted text could use them to read as something
 * else.
 * @module
 */

/** Characters that change the direction of writing, and control characters other than tabs and line ends. */
const TURNING = /(?![\t\n\r])[\p{Cc}\p{Bidi_Control}]/gu
/** For names and addresses: also zero-width and private-use characters, and line ends. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu

/** For untrusted prose. Joiners stay, because scripts and emoji need them. */
export const markTurning = (text: string): string => text.replaceAll(TURNING, written)

/** For untrusted names and addresses, where every character matters. */
export const markUnseen = (text: string): string => text.replaceAll(UNSEEN, written)

function written(character: string): string {
  return `\u27E8U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}\u27E9`
}
