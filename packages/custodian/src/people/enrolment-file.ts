/**
 * The signed file of who may prove what: `enrolments.json`.
 * @module
 */
import { readFile } from "node:fs/promises"
import { CustodianRole, OpaqueId, P256PublicKey, PasskeyKey } from "@nightlight/contract/custodian"
import { hasCode, IntegrityError, type Signer, type Verifier } from "@nightlight/core"
import { checkDocument, signDocument } from "@nightlight/vault"
import { writeFileAtomic } from "@nightlight/vault/durable"
import { z } from "zod"

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

const Content = z.object({ version: z.int().nonnegative(), people: z.array(Person), invites: z.array(Invite) })

/** Who is enrolled: one entry a person. */
export type EnrolledPerson = z.infer<typeof Person>

/** Who was given a one-time code. */
export type Invite = z.infer<typeof Invite>

/** The file's content. Its version rises with every change. */
export type EnrolmentContent = z.infer<typeof Content>

/**
 * Reads the file; an empty one, version 0, if there is none.
 *
 * @throws {IntegrityError} `key_unusable` if it is not what the custodian signed.
 */
export async function readEnrolments(path: string, verifier: Verifier): Promise<EnrolmentContent> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return undefined
    throw untrusted("cannot be read")
  })
  if (text === undefined) return { version: 0, people: [], invites: [] }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw untrusted("are damaged")
  }
  const document = checkDocument(value, FORMAT, verifier)
  const parsed = Content.safeParse(document)
  if (document === undefined || !parsed.success) throw untrusted("are not what the custodian signed")
  return parsed.data
}

/** Writes the file in one step. */
export async function writeEnrolments(path: string, content: EnrolmentContent, signer: Signer): Promise<void> {
  const { version, people, invites } = content
  const document = signDocument({ format: FORMAT, version, people, invites }, signer)
  await writeFileAtomic(path, `${JSON.stringify(document, null, 2)}\n`, 0o600)
}

/** The error of enrolments that cannot be believed. */
export function untrusted(problem: string): IntegrityError {
  return new IntegrityError("key_unusable", `the custodian's enrolments ${problem}`)
}
