/**
 * Another witness by HTTP: it receives each line, and answers with a receipt that it signed.
 *
 * `POST` with `{"line": "..."}` is answered with `{"receipt": {...}}`: format `nightlight-witness-receipt/1`, `sha256`
 * of the line, `at`, `keyId` and `signature` (Ed25519 over the canonical JSON of the others); 409: this line
 * contradicts one that the witness has, or is older than its last. `GET` with `?from=N` is answered with the received
 * lines from that number on, one after another; with nothing after the last.
 * @module
 */
import { createHash } from "node:crypto"
import { canonicalJson, type Verifier } from "@nightlight/core"
import { checkDocument } from "@nightlight/durable"
import { readKeyFile } from "@nightlight/vault"
import { callPlace } from "./call.ts"
import { type CopyPlace, copyFault } from "./types.ts"

/** Where the witness is, and who it is. */
export interface HttpWitnessOptions {
  readonly url: string
  /** Verifies the witness's own key, pinned in the configuration. */
  readonly verifier: Verifier
  /** File (0600) of the bearer key of calls; absent: none. */
  readonly keyFile?: string
}

const RECEIPT_FORMAT = "nightlight-witness-receipt/1"
/** How far the witness's clock may be ahead. */
const SKEW_MS = 10 * 60_000
const MAX_PAGES = 10_000
const CONTRADICTED = 409
const OTHERS = 0o077

/** The place is named by its URL. Its key file is read at each call, so that a new key needs no restart. */
export function httpWitness({ url, verifier, keyFile }: HttpWitnessOptions): CopyPlace {
  const target = new URL(url)
  const bearer = async (): Promise<Readonly<Record<string, string>>> => {
    if (keyFile === undefined) return {}
    const key = await readKeyFile(keyFile, OTHERS).catch(() => {
      throw copyFault("credentials-unreadable")
    })
    return { authorization: `Bearer ${key.trim()}` }
  }
  return {
    name: url,
    async put({ line }, now) {
      const { status, text } = await callPlace(target, {
        method: "POST",
        headers: { ...(await bearer()), "content-type": "application/json" },
        body: JSON.stringify({ line }),
      })
      if (status !== 200) throw copyFault(status === CONTRADICTED ? "contradicted" : "refused", status)
      const receipt = checkDocument(receiptOf(text), RECEIPT_FORMAT, verifier)
      const { sha256, at } = (receipt ?? {}) as Readonly<Record<string, unknown>>
      const isOfLine = sha256 === createHash("sha256").update(line).digest("hex")
      const atMs = typeof at === "string" ? Date.parse(at) : Number.NaN
      if (receipt === undefined || !isOfLine || !(atMs <= now.getTime() + SKEW_MS)) throw copyFault("receipt-wrong")
      return canonicalJson(receipt)
    },
    async read() {
      const headers = await bearer()
      const lines: string[] = []
      for (let page = 0; page < MAX_PAGES; page++) {
        const from = new URL(target)
        from.searchParams.set("from", String(lines.length))
        const { status, text } = await callPlace(from, { method: "GET", headers })
        if (status !== 200) throw copyFault("refused", status)
        const some = text.split("\n").filter((line) => line !== "")
        if (some.length === 0) return lines
        lines.push(...some)
      }
      throw copyFault("refused")
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
