/**
 * Checks whether a line is a finding that the calling source signed for this server.
 * @module
 */
import type { Finding } from "@nightlight/contract"
import { type FINDING_FAULTS, PUSHED_FINDING_FORMAT, PushedFinding } from "@nightlight/contract/server"
import { checkDocument } from "@nightlight/durable"
import type { LiveSource } from "../sources/types.ts"

/**
 * Text that a terminal, a browser, a database or XML would misinterpret: controls, formats, surrogates, unassigned and
 * separators; and what closes a CDATA section, a tag or a formula.
 */
const UNUSUAL = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}<>]|\]\]>|^[=+@-]/u

/** Result of the check: the finding with its notes, or the fault. */
export type CheckedLine =
  | {
      readonly ok: true
      readonly finding: Finding
      /** Where it was found, as far as the source may say. */
      readonly origin: LineOrigin
      readonly notes: readonly string[]
    }
  | { readonly ok: false; readonly code: (typeof FINDING_FAULTS)[number] }

/** A dataset's item, or an exchange with a model; the account is set only if the source may name accounts. */
export type LineOrigin =
  | { readonly kind: "dataset" }
  | { readonly kind: "direct" }
  | { readonly kind: "account"; readonly account: string }

/**
 * Checks one line: JSON, then signature, then source, then form. Unusual text in it is recorded, never a reason to
 * refuse it.
 */
export function checkLine(line: Uint8Array | undefined, source: LiveSource): CheckedLine {
  if (line === undefined) return { ok: false, code: "line_too_long" }
  let value: unknown
  let text: string
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(line)
    value = JSON.parse(text)
  } catch {
    return { ok: false, code: "not_json" }
  }
  const signed = checkDocument(value, PUSHED_FINDING_FORMAT, source.verifier)
  if (signed === undefined) {
    return { ok: false, code: source.signedBefore(value, PUSHED_FINDING_FORMAT) ? "key_replaced" : "signature_wrong" }
  }
  if (signed["source"] !== source.id) return { ok: false, code: "other_source" }
  const pushed = PushedFinding.safeParse(signed)
  if (!pushed.success) return { ok: false, code: "malformed" }
  const { finding, exchange } = pushed.data
  const notes = [
    ...(isUnusualText(pushed.data) ? ["unusual-text"] : []),
    // The item is kept without the account, since the source may not name one.
    ...(exchange?.account !== undefined && !source.namesAccounts ? ["account-not-taken"] : []),
  ]
  return { ok: true, finding, origin: originOf(exchange, source), notes }
}

function originOf(exchange: PushedFinding["exchange"], { namesAccounts }: LiveSource): LineOrigin {
  if (exchange === undefined) return { kind: "dataset" }
  const { account } = exchange
  return account !== undefined && namesAccounts ? { kind: "account", account: account.id } : { kind: "direct" }
}

/** Whether any text in a JSON value, member names included, is unusual. */
function isUnusualText(value: unknown): boolean {
  if (typeof value === "string") return UNUSUAL.test(value)
  if (typeof value !== "object" || value === null) return false
  if (Array.isArray(value)) return value.some(isUnusualText)
  return Object.entries(value).some(([name, member]) => UNUSUAL.test(name) || isUnusualText(member))
}
