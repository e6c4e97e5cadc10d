/**
 * Sources: workspaces and services that may push findings, each identified by its public key.
 * @module
 */
import { z } from "zod"
import { KeyId, Timestamp } from "../screening.ts"

/** `source-<uuid>`. */
export const SourceId = z.string().regex(/^source-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)

/** `POST /v1/sources` body. */
export const EnrolSourceBody = z.strictObject({
  /** The operator's own name for it; shown to everybody who works here. */
  name: z.string().regex(/^[^\p{Cc}\p{Cs}]{1,80}$/u),
  /** Ed25519 public key, PEM (SPKI): what `nightlight source show` prints. */
  publicKey: z.string().min(1).max(1000),
  /** Whether its keys may name the account that an item belongs to. */
  namesAccounts: z.boolean().default(false),
  /**
   * The name of the screened dataset in reports: it is sent to NCMEC, so it must be neither a path nor a machine's
   * name. No slashes; without it, reports do not name the dataset.
   */
  datasetName: z
    .string()
    .regex(/^[^\p{Cc}\p{Cs}/\\]{1,120}$/u)
    .exactOptional(),
})
export type EnrolSourceBody = z.infer<typeof EnrolSourceBody>

/** One source. */
export const SourceDocument = z.strictObject({
  source: SourceId,
  name: z.string(),
  keyId: KeyId,
  namesAccounts: z.boolean(),
  datasetName: z.string().exactOptional(),
  enrolledBy: z.string(),
  enrolledAt: Timestamp,
  revokedAt: Timestamp.exactOptional(),
})
export type SourceDocument = z.infer<typeof SourceDocument>

/** `GET /v1/sources` answer. */
export const SourceList = z.strictObject({ sources: z.array(SourceDocument) })

/** `GET /v1/sources/names` answer. */
export const SourceNames = z.strictObject({ sources: z.array(z.strictObject({ source: SourceId, name: z.string() })) })

/**
 * Formats of a handover: of the document that the old key signs, and of the one that the new key signs over the same.
 */
export const SOURCE_HANDOVER = { format: "nightlight-source-handover/1", accepted: "nightlight-source-accepted/1" }

const Signature = z.string().regex(/^[0-9a-f]{128}$/)

/** `POST /v1/source/handover` body: replaces the source's key, signed by both keys. */
export const SourceHandoverBody = z.strictObject({
  format: z.literal(SOURCE_HANDOVER.format),
  source: SourceId,
  /** Ed25519 public key of the new key, PEM (SPKI). */
  publicKey: z.string().min(1).max(1000),
  at: Timestamp,
  /** Signature of the new key. */
  accepted: Signature,
  /** Id of the old key. */
  keyId: KeyId,
  /** Signature of the old key. */
  signature: Signature,
})
export type SourceHandoverBody = z.infer<typeof SourceHandoverBody>

/** `POST /v1/source/handover` answer. */
export const SourceHandoverTaken = z.strictObject({
  source: SourceId,
  keyId: KeyId,
  /** Id of the old key, whose signatures are no longer accepted. */
  replaces: KeyId,
  rotatedAt: Timestamp,
})
export type SourceHandoverTaken = z.infer<typeof SourceHandoverTaken>

/** `GET /v1/source` answer: the source that the calling key is bound to. */
export const OwnSource = z.strictObject({ source: SourceId, keyId: KeyId, namesAccounts: z.boolean() })
export type OwnSource = z.infer<typeof OwnSource>
