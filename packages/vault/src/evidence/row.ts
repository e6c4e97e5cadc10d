/**
 * The index row beside each sealed file: what may be known without opening it, under the workspace's digest key.
 * @module
 */
import { timingSafeEqual } from "node:crypto"
import { canonicalJson, compact, type JsonValue, tryParseJson } from "@nightlight/core"
import type { KeyedDigest } from "../keys/digest-key.ts"

const FORMAT = "nightlight-evidence-row/1"

/**
 * `sealed` contains context and content; `located` contains only the context; `received` was sealed elsewhere and
 * stored unchanged: only opening it shows its content.
 */
export type Custody = "sealed" | "located" | "received"

/** Facts about one piece of evidence that need no opening. */
export interface EvidenceRow {
  readonly evidenceId: string
  readonly custody: Custody
  /** SHA-256 of the sealed file, lower-case hexadecimal. */
  readonly ciphertextSha256: string
  /**
   * SHA-256 of the file as it was sealed or received, by which findings, grants and reports name it. Absent if the file
   * is still the same; present if its header was rewritten for other recipients.
   */
  readonly originSha256?: string
  readonly ciphertextBytes: number
  /**
   * Keyed digest of the content's SHA-256: see {@link contentDigest}. For located content, that of the content in
   * place; empty for received files.
   */
  readonly plaintextDigest: string
  /** Bytes of sealed content; 0 if there is none, or it was received. */
  readonly sizeBytes: number
  /** Ids, in the manifest, of the recipients that can open it; empty for received files. */
  readonly recipients: readonly string[]
  /** 0 for received files: another manifest was used. */
  readonly manifestVersion: number
  /** ISO 8601, UTC. */
  readonly sealedAt: string
}

/**
 * Digest under which a piece of evidence was sealed or received, whatever its header is now: lower-case hexadecimal.
 */
export function originOf({ originSha256, ciphertextSha256 }: EvidenceRow): string {
  return originSha256 ?? ciphertextSha256
}

/** The keyed digest by which rows and findings identify a content. `sha256` is lower-case hexadecimal. */
export function contentDigest(keyedDigest: KeyedDigest, sha256: string): string {
  return keyedDigest.of("evidence-content", sha256)
}

/** Formats a row with its MAC, one line. */
export function toRowText(row: EvidenceRow, keyedDigest: KeyedDigest): string {
  return `${canonicalJson({ ...toJson(row), mac: macOf(row, keyedDigest) })}\n`
}

/** Parses a row; `undefined` unless every byte is as {@link toRowText} writes it with the same key. */
export function parseRow(text: string, keyedDigest: KeyedDigest): EvidenceRow | undefined {
  const row = tryParseJson(text)
  if (!isRow(row)) return undefined
  const expected = Buffer.from(toRowText(row, keyedDigest))
  const given = Buffer.from(text)
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined
  const { format: _, mac: __, ...known } = row as EvidenceRow & { format: string; mac: string }
  return known
}

function macOf(row: EvidenceRow, keyedDigest: KeyedDigest): string {
  return keyedDigest.of("evidence-row", canonicalJson(toJson(row)))
}

/** Lists every member, so that no other one gets into a row or its MAC. */
function toJson(row: EvidenceRow): Record<string, JsonValue> {
  const { evidenceId, custody, ciphertextSha256, originSha256, ciphertextBytes, plaintextDigest } = row
  const { sizeBytes, recipients, manifestVersion, sealedAt } = row
  return compact({
    format: FORMAT,
    evidenceId,
    custody,
    ciphertextSha256,
    originSha256,
    ciphertextBytes,
    plaintextDigest,
    sizeBytes,
    recipients,
    manifestVersion,
    sealedAt,
  })
}

/** Checks shapes only as far as formatting the row again needs; the MAC covers the values. */
function isRow(value: unknown): value is EvidenceRow {
  if (typeof value !== "object" || value === null) return false
  const row = value as Record<string, unknown>
  const texts = ["evidenceId", "custody", "ciphertextSha256", "plaintextDigest", "sealedAt"]
  const counts = ["ciphertextBytes", "sizeBytes", "manifestVersion"]
  return (
    texts.every((name) => typeof row[name] === "string") &&
    (row["originSha256"] === undefined || typeof row["originSha256"] === "string") &&
    counts.every((name) => Number.isSafeInteger(row[name])) &&
    Array.isArray(row["recipients"]) &&
    row["recipients"].every((id) => typeof id === "string")
  )
}
