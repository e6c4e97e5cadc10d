/**
 * The signed file of enrolled people: `enrolments.json`.
 * @module
 */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { CustodianRole, OpaqueId, P256PublicKey, PasskeyKey } from "@nightlight/contract/custodian"
import { canonicalJson, hasCode, IntegrityError, type Signer, type Verifier } from "@nightlight/core"
import { checkDocument, signDocument } from "@nightlight/durable"
import { z } from "zod"
import type { StateKeys } from "../keys/state-key.ts"

const FORMAT = "nightlight-enrolments/1"

const Person = z.strictObject({
  person: OpaqueId,
  publicKey: P256PublicKey,
  passkey: PasskeyKey.exactOptional(),
  roles: z.array(CustodianRole).min(1),
  enrolledAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().exactOptional(),
})

const Invite = z.strictObject({
  person: OpaqueId,
  roles: z.array(CustodianRole).min(1),
  /** The one-time code, sealed to the custodian's own key, base64. */
  sealedCode: z.base64(),
  expiresAt: z.iso.datetime(),
  wrongTries: z.int().nonnegative(),
})

const Content = z.object({
  version: z.int().nonnegative(),
  people: z.array(Person),
  invites: z.array(Invite),
  /** MAC over all of the above, under a key that only the passphrase gives; the signature's key is in the folder. */
  seal: z.string(),
})

/** Who is enrolled: one entry a person. */
export type EnrolledPerson = z.infer<typeof Person>

/** A person who was given a one-time code. */
export type Invite = z.infer<typeof Invite>

/** Content of the file. Its version rises with every change. */
export type EnrolmentContent = Omit<z.infer<typeof Content>, "seal">

/** The file on disk. */
export interface EnrolmentFile {
  readonly content: EnrolmentContent
  readonly seal: string
  /** Digest of its bytes, by which the journal identifies it. */
  readonly fileSha256: string
}

/** State before anybody was invited. */
export const NO_ENROLMENTS: EnrolmentFile = {
  content: { version: 0, people: [], invites: [] },
  seal: "",
  fileSha256: "",
}

/**
 * Reads the file; {@link NO_ENROLMENTS} if there is none. Its seal is not checked, since that needs the key.
 *
 * @throws {IntegrityError} `key_unusable` if the custodian did not sign it.
 */
export async function readEnrolments(path: string, verifier: Verifier): Promise<EnrolmentFile> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return undefined
    throw untrusted("cannot be read")
  })
  if (text === undefined) return NO_ENROLMENTS
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw untrusted("are damaged")
  }
  const document = checkDocument(value, FORMAT, verifier)
  const parsed = Content.safeParse(document)
  if (document === undefined || !parsed.success) throw untrusted("are not signed by the custodian")
  const { seal, ...content } = parsed.data
  return { content, seal, fileSha256: sha256(text) }
}

/** Formats the file of enrolments. */
export function composeEnrolments(content: EnrolmentContent, keys: StateKeys, signer: Signer) {
  const seal = keys.authenticate("enrolments", canonicalJson(content))
  const { version, people, invites } = content
  const document = signDocument({ format: FORMAT, version, people, invites, seal }, signer)
  const text = `${JSON.stringify(document, null, 2)}\n`
  return { text, file: { content, seal, fileSha256: sha256(text) } satisfies EnrolmentFile }
}

/** Whether the custodian made it while it was unlocked. */
export function isSealed({ content, seal }: EnrolmentFile, keys: StateKeys): boolean {
  return keys.isAuthentic("enrolments", canonicalJson(content), seal)
}

/** The error for untrusted enrolments. */
export function untrusted(problem: string): IntegrityError {
  return new IntegrityError("key_unusable", `the custodian's enrolments ${problem}`)
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}
