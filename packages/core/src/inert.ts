/**
 * Escapes characters that control a terminal or a browser: control characters, format characters such as those that
 * change the text direction, line separators and lone surrogates become escapes such as `\u001b`. Other characters
 * stay.
 */
export function inert(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (mark) => `\\u${(mark.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  )
}
