/**
 * Another witness by HTTP: it is given each line, and answers with a receipt that it signed.
 *
 * `POST` with `{"line": "..."}` is answered with `{"receipt": {...}}`: format `nightlight-witness-receipt/1`, `sha256` of
 * the line, `at`, `keyId` and `signature` (Ed25519 over the canonical JSON of the others). `GET` is answered with the
 * lines that it was given, one below another.
 * @module
 */
import { createHash } from "node:crypto"
import { canonicalJson, type Verifier } from "@nightlight/core"
import { checkDocument } from "@nightlight/vault"
import { callPlace } from "./call.ts"
import { type CopyPlace, copyFault } from "./types.ts"

const RECEIPT_FORMAT = "nightlight-witness-receipt/1"
/** How far its clock may be ahead. */
const SKEW_MS = 10 * 60_000

/** @param verifier - Of the witness's own key, pinned in the configuration. */
export function httpWitness(url: string, verifier: Verifier): CopyPlace {
  const target = new URL(url)
  return {
    name: url,
    async put({ line }, now) {
      const body = JSON.stringify({ line })
      const { status, text } = await callPlace(target, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      })
      if (status !== 200) throw copyFault("refused", status)
      const receipt = checkDocument(receiptOf(text), RECEIPT_FORMAT, verifier)
      const { sha256, at } = (receipt ?? {}) as Readonly<Record<string, unknown>>
      const isOfLine = sha256 === createHash("sha256").update(line).digest("hex")
      const atMs = typeof at === "string" ? Date.parse(at) : Number.NaN
      if (receipt === undefined || !isOfLine || !(atMs <= now.getTime() + SKEW_MS)) throw copyFault("receipt-wrong")
      return canonicalJson(receipt)
    },
    async read() {
      const { status, text } = await callPlace(target, { method: "GET", headers: {} })
      if (status !== 200) throw copyFault("refused", status)
      return text.split("\n").filter((line) => line !== "")
    },
  }
}

function receiptOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly receipt?: unknown }).receipt
  } catch {
    return undefined
  }
}
