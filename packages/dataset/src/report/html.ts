/**
 * Builds HTML in which text can never become markup.
 * @module
 */
import { inert } from "@nightlight/core"

/** Markup that is safe as it is. */
export interface Html {
  readonly markup: string
}

type Piece = string | number | Html | readonly Html[] | undefined

/** Tagged template: inserted values are escaped unless they are {@link Html}. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return { markup: strings.map((text, position) => text + toMarkup(pieces[position])).join("") }
}

function toMarkup(piece: Piece): string {
  if (piece === undefined) return ""
  if (typeof piece === "string" || typeof piece === "number") return escapeHtml(String(piece))
  if ("markup" in piece) return piece.markup
  return piece.map(({ markup }) => markup).join("")
}

/** Escapes text for element content and quoted attributes; what a browser would obey is shown as its code. */
export function escapeHtml(text: string): string {
  return inert(text).replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`)
}
