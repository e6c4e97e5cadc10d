/**
 * The details of one file, each statement from a recorded fact.
 * @module
 */
import { compact } from "@nightlight/core"
import type { ReportFile, StatementOrigin } from "../types.ts"
import type { DraftItem, DraftMaterial } from "./material.ts"
import { usableUrls } from "./provenance.ts"

/** Input of {@link fileOf}. */
export interface FilePlace {
  readonly material: DraftMaterial
  /** Position of the file in the report, from 0. */
  readonly position: number
  /** Receives the sources of statements. */
  readonly origins: Record<string, StatementOrigin>
}

const HASH_TYPES = { md5: "MD5", sha1: "SHA1", sha256: "SHA256" } as const

/** Makes a file of an item; `undefined` if nothing of it was sealed. */
export function fileOf(caseItem: DraftItem, { material, position, origins }: FilePlace): ReportFile | undefined {
  if (caseItem.evidence === undefined) return undefined
  const path = `files[${position}]`
  const [locationOfFile] = usableUrls(caseItem.locations)
  const hashes = Object.entries(HASH_TYPES).flatMap(([name, hashType]) => {
    const value = caseItem.digests[name as keyof typeof HASH_TYPES]
    return value === undefined ? [] : [{ value, hashType }]
  })
  origins[`${path}.fileViewedByEsp`] = caseItem.viewed === undefined ? "custodian" : "attestation"
  origins[`${path}.exifViewedByEsp`] = caseItem.viewed === undefined ? "custodian" : "attestation"
  if (locationOfFile !== undefined) origins[`${path}.locationOfFile`] = "sealed-context"
  if (hashes.length > 0) origins[`${path}.originalFileHash`] = caseItem.digestsVerified ? "custodian" : "sealed-context"
  if (material.supplemental) origins[`${path}.fileRelevance`] = "earlier-report"
  const classified = !material.supplemental && caseItem.classification !== undefined
  if (classified) origins[`${path}.industryClassification`] = "decision"
  const annotations = caseItem.annotations.filter((name) => !material.supplemental || name !== "potentialMeme")
  origins[`${path}.additionalInfo`] = "detection"
  if (annotations.length > 0) origins[`${path}.fileAnnotations`] = "decision"
  return {
    evidenceId: caseItem.evidence.evidenceId,
    ciphertextSha256: caseItem.evidence.ciphertextSha256,
    details: compact({
      locationOfFile,
      // False is a statement too, and the true one: nobody opened the whole file.
      fileViewedByEsp: caseItem.viewed !== undefined,
      exifViewedByEsp: caseItem.viewed?.exifViewed ?? false,
      fileRelevance: material.supplemental ? ("Supplemental Reported" as const) : undefined,
      fileAnnotations:
        annotations.length === 0 ? undefined : Object.fromEntries(annotations.map((name) => [name, true as const])),
      industryClassification: classified ? caseItem.classification : undefined,
      originalFileHash: hashes.length === 0 ? undefined : hashes,
      additionalInfo: [caseItem.match.statement],
    }),
  }
}
