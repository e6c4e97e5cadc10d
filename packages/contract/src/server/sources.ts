/**
 * Sources: workspaces and services that may push findings, each known by its public key.
 * @module
 */
import { z } from "zod"
import { KeyId, Timestamp } from "../screening.ts"

/** `source-<uuid>`. */
export const SourceId = z.string().regex(/^source-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)

/** `POST /v1/sources` body. */
export const EnrolSourceBody = z.strictObject({
  /** The operator's own name for it; shown to whoever works here. */
  name: z.string().regex(/^[^\p{Cc}\p{Cs}]{1,80}$/u),
  /** Ed25519 public key, PEM (SPKI): what `nightlight source show` prints. */
  publicKey: z.string().min(1).max(1000),
  /** Whether its keys may name the account that an item belongs to. */
  namesAccounts: z.boolean().default(false),
  /**
   * What reports call the dataset that it screens: it goes to NCMEC, so it is neither a path nor a machine's name. No
   * slashes; where it is not given, reports do not name the dataset.
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

/** Formats of a handover: of what the key that goes signs, and of what the key that comes signs over the same. */
export const SOURCE_HANDOVER = { format: "nightlight-source-handover/1", accepted: "nightlight-source-accepted/1" }

const Signature = z.string().regex(/^[0-9a-f]{128}$/)

/** `POST /v1/source/handover` body: the source's key hands over to another one, and both signed it. */
export const SourceHandoverBody = z.strictObject({
  format: z.literal(SOURCE_HANDOVER.format),
  source: SourceId,
  /** Ed25519 public key that comes, PEM (SPKI). */
  publicKey: z.string().min(1).max(1000),
  at: Timestamp,
  /** Signature of the key that comes. */
  accepted: Signature,
  /** Id of the key that goes. */
  keyId: KeyId,
  /** Its signature. */
  signature: Signature,
})
export type SourceHandoverBody = z.infer<typeof SourceHandoverBody>

/** `POST /v1/source/handover` answer. */
export const SourceHandoverTaken = z.strictObject({
  source: SourceId,
  keyId: KeyId,
  /** Id of the key that nothing is taken of any more. */
  replaces: KeyId,
  rotatedAt: Timestamp,
})
export type SourceHandoverTaken = z.infer<typeof SourceHandoverTaken>

/** `GET /v1/source` answer: the source that the calling key is bound to. */
export const OwnSource = z.strictObject({ source: SourceId, keyId: KeyId, namesAccounts: z.boolean() })
export type OwnSource = z.infer<typeof OwnSource>
