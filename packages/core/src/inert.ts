/**
 * Escapes characters that a terminal or a browser obeys: control characters, format characters such as those that
 * change the direction of writing, line separators and lone surrogates become `\u001b`-like escapes. Everything else
 * stays.
 */
export function inert(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (mark) => `\\u${(mark.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  )
}
