/**
 * Checks whether a document is a report that the calling source signed for this server.
 * @module
 */
import { type JsonValue, RequestError } from "@nightlight/core"
import { checkDocument } from "@nightlight/durable"
import type { LiveSource } from "../sources/types.ts"

/** Expected properties of the document. */
export interface ExpectedReport {
  readonly format: string
  readonly source: LiveSource
  readonly kind: "scan" | "hunt" | "purge"
  /** The source's own name of it. */
  readonly name: string
}

/**
 * Checks signature, source and name, in this order.
 *
 * @throws {RequestError} `input_invalid`, with `details.reason`: `signature-wrong`, `key-replaced`, `other-source` or `other-scan`
 *   (`other-hunt`, `other-purge`).
 */
export function checkReport<Report extends object>(
  pushed: { readonly source: string; readonly report: Report },
  { format, source, kind, name }: ExpectedReport,
): Report {
  if (checkDocument(pushed, format, source.verifier) === undefined) {
    if (source.signedBefore(pushed, format)) {
      throw refused("key-replaced", "the report is signed by a key that was replaced")
    }
    throw refused("signature-wrong", "the report is not signed by the calling source's key")
  }
  if (pushed.source !== source.id) throw refused("other-source", "the report is signed for another source or server")
  const { [kind]: named } = pushed.report as { readonly [kind: string]: JsonValue }
  if (named !== name) throw refused(`other-${kind}`, `the report belongs to another ${kind}`)
  return pushed.report
}

function refused(reason: string, message: string): RequestError {
  return new RequestError("input_invalid", message, { details: { reason } })
}
