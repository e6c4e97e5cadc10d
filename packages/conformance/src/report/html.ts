/**
 * Builds HTML in which text can never become markup.
 * @module
 */
import { inert } from "@nightlight/core"

/** Markup that needs no escaping. */
export interface Html {
  readonly markup: string
}

/** Tagged template that escapes its values, except {@link Html}. */
export function html(
  strings: TemplateStringsArray,
  ...pieces: readonly (string | number | Html | readonly Html[])[]
): Html {
  return { markup: strings.map((text, index) => text + toMarkup(pieces[index] ?? "")).join("") }
}

function toMarkup(piece: string | number | Html | readonly Html[]): string {
  if (typeof piece === "string" || typeof piece === "number") {
    return inert(String(piece)).replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`)
  }
  if ("markup" in piece) return piece.markup
  return piece.map(({ markup }) => markup).join("")
}
