/**
 * Builds HTML in which text can never become markup.
 * @module
 */
import { inert } from "@nightlight/core"

/** Markup that is safe as it stands. */
export interface Html {
  readonly markup: string
}

/** Tagged template: what is filled in is escaped unless it is {@link Html} itself. */
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
