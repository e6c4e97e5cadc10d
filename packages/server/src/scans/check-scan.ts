/**
 * Whether a document is a scan's report that the calling source signed for us.
 * @module
 */
import { PUSHED_SCAN_FORMAT, type PushedScan, type SharedScanReport } from "@nightlight/contract/server"
import { RequestError } from "@nightlight/core"
import { checkDocument } from "@nightlight/vault/seal"
import type { LiveSource } from "../sources/types.ts"

/**
 * Checks signature, source and name, in this order.
 *
 * @throws {RequestError} `input_invalid`, with `details.reason`: `signature-wrong`, `other-source` or `other-scan`.
 */
export function checkScan(pushed: PushedScan, source: LiveSource, scan: string): SharedScanReport {
  if (checkDocument(pushed, PUSHED_SCAN_FORMAT, source.verifier) === undefined) {
    throw refused("signature-wrong", "the report is not signed by the calling source's key")
  }
  if (pushed.source !== source.id) throw refused("other-source", "the report is signed for another source or server")
  const { report } = pushed
  if (report.scan !== scan) throw refused("other-scan", "the report is another scan's")
  return report
}

function refused(reason: string, message: string): RequestError {
  return new RequestError("input_invalid", message, { details: { reason } })
}
