import type { ListAttributes, Trust } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { cleanText } from "./clean-text.ts"
import { listMalformed } from "./malformed.ts"

/** Longest terms kept, characters. */
const TERMS_LENGTH = 2_000

const TRUSTS: readonly string[] = ["trusted", "unverified", "test"] satisfies readonly Trust[]
const ISO_8601 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** The cells of a row that describe its list, as text. An empty or absent cell states nothing. */
export interface AttributeCells {
  readonly trust: string | undefined
  readonly radius: string | undefined
  readonly asOf: string | undefined
  readonly terms: string | undefined
}

/**
 * Reads what a row states about its list; `undefined` where it states nothing.
 *
 * @throws {RequestError} `list_malformed` when a cell is not valid for its column. It decides how every entry is
 * treated, so it is never guessed.
 */
export function parseAttributes(cells: AttributeCells, line: number): ListAttributes | undefined {
  const trust = cells.trust?.trim().toLowerCase()
  const radius = cells.radius?.trim()
  const asOf = cells.asOf?.trim()
  const terms = cells.terms === undefined ? "" : cleanText(cells.terms, TERMS_LENGTH)
  if (!trust && !radius && !asOf && terms === "") return undefined
  if (trust && !isTrust(trust)) throw listMalformed("expected trust to be trusted, unverified or test", line)
  if (radius && (!/^\d{1,2}$/.test(radius) || Number(radius) > 63)) {
    throw listMalformed("expected radius to be a number of bits from 0 to 63", line)
  }
  if (asOf && (!ISO_8601.test(asOf) || Number.isNaN(Date.parse(asOf)))) {
    throw listMalformed("expected as_of to be an ISO 8601 date", line)
  }
  return compact({
    trust: trust && isTrust(trust) ? trust : undefined,
    radiusBits: radius ? Number(radius) : undefined,
    asOf: asOf || undefined,
    terms: terms === "" ? undefined : terms,
  })
}

function isTrust(text: string): text is Trust {
  return TRUSTS.includes(text)
}
