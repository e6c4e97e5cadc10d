/**
 * Characters that nobody sees, and that make others read otherwise than they stand: in text that is anybody's they are
 * written out.
 * @module
 */

/** What turns the direction of writing, and controls but for tab and line ends. */
const TURNING = /(?![\t\n\r])[\p{Cc}\p{Bidi_Control}]/gu
/** Of a name or an address: also what takes no room, and line ends. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu

/** Text that somebody wrote: what joins or parts letters stays, as scripts and pictographs need it. */
export const markTurning = (text: string): string => text.replaceAll(TURNING, written)

/** A name or an address, where every character counts. */
export const markUnseen = (text: string): string => text.replaceAll(UNSEEN, written)

function written(character: string): string {
  return `\u27E8U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}\u27E9`
}
