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

/** `GET /v1/source` answer: the source that the calling key is bound to. */
export const OwnSource = z.strictObject({ source: SourceId, keyId: KeyId, namesAccounts: z.boolean() })
export type OwnSource = z.infer<typeof OwnSource>
