/**
 * Certificates of destruction and the custodian's receipts, rebuilt from the log alone.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import { textOf } from "../../platform/events/read.ts"

/** A certificate, as the log records it. */
export interface RebuiltCertificate {
  readonly caseId: string
  readonly basis: string
  readonly approvalId: string | undefined
  /** SHA-256 of its document, hexadecimal. */
  readonly documentSha256: string
  /** SHA-256 of the custodian's receipt, hexadecimal; `undefined` until there is one. */
  receiptSha256: string | undefined
}

/** Takes an event; events of other things change nothing. */
export function applyCertificateEvent(certificates: Map<string, RebuiltCertificate>, { type, data }: AuditEvent): void {
  const id = textOf(data, "certificate")
  if (type === "evidence.destruction-receipted") {
    const certificate = certificates.get(id)
    if (certificate !== undefined) certificate.receiptSha256 = textOf(data, "receipt")
  }
  // Each piece has an event; the certificate belongs to the first one's case.
  if (type !== "evidence.destruction-ordered" || certificates.has(id)) return
  certificates.set(id, {
    caseId: textOf(data, "case"),
    basis: textOf(data, "basis"),
    approvalId: typeof data["approval"] === "string" ? data["approval"] : undefined,
    documentSha256: textOf(data, "document"),
    receiptSha256: undefined,
  })
}
