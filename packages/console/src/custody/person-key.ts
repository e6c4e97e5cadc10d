/**
 * The keys that a person signs with, and signing with them.
 * @module
 */
import type { CustodyKeyPair, Grant, GrantProof, SignedBy, SignedKind } from "@nightlight/contract/custodian"
import { CallError } from "../api/problem.ts"
import { askGesture, type SignableDocument } from "./gesture.ts"

/** A person's keys in this browser; at least one of the two is there. */
export interface PersonKey {
  /** The pair that this browser stores. It signs without asking the person. */
  readonly browserKey: CustodyKeyPair | undefined
  /** The passkey that the custodian knows. */
  readonly passkey: { readonly rpId: string; readonly credentialId: string } | undefined
  /** Kinds of document that the custodian accepts only with a passkey. */
  readonly require: readonly SignedKind[]
}

/**
 * Kinds that the stored key signs even if there is a passkey. Small blurred grey copies are viewed many times an hour.
 */
const LIGHT: readonly SignedKind[] = ["derivative"]

/** The key that would sign a kind of document; `undefined` if this person has none that the custodian accepts. */
export function signingKeyKind({ browserKey, passkey, require }: PersonKey, kind: SignedKind): SignedBy | undefined {
  const mayKeep = browserKey !== undefined && !require.includes(kind)
  if (mayKeep && (passkey === undefined || LIGHT.includes(kind))) return "kept-key"
  return passkey === undefined ? undefined : "passkey"
}

/**
 * Signs a document: with the passkey, after showing the person what it says, or with the stored key.
 *
 * @throws {CallError} `passkey_...` if it was not signed.
 */
export async function sign(kind: SignedKind, document: SignableDocument, key: PersonKey): Promise<string> {
  const { signDocument } = await import("@nightlight/contract/custodian")
  const by = signingKeyKind(key, kind)
  if (by === "kept-key" && key.browserKey !== undefined)
    return signDocument(document as Json, key.browserKey.privateKey)
  const { passkey } = key
  if (passkey === undefined) throw new CallError("passkey_needed", "this must be signed with a passkey", 0)
  const { askPasskey } = await import("./passkey.ts")
  await askGesture({ kind, document })
  const { rpId, credentialId } = passkey
  return signDocument(document as Json, {
    assert: (challenge) => askPasskey({ rpId, challenge, credentialIds: [credentialId] }),
  })
}

/** Signs a grant as one person. @throws {CallError} `passkey_...` if it was not signed. */
export async function prove(
  grant: Extract<Grant, { purpose: "derivative" | "original" | "filing" }>,
  person: string,
  key: PersonKey,
): Promise<GrantProof> {
  return { person, signature: await sign(grant.purpose, grant, key) }
}

type Json = Parameters<typeof import("@nightlight/contract/custodian").signDocument>[0]
