/**
 * What a person signs with, and signing anything with it.
 * @module
 */
import type { CustodyKeyPair, Grant, GrantProof, SignedBy, SignedKind } from "@nightlight/contract/custodian"
import { CallError } from "../api/problem.ts"
import { askGesture, type SignableDocument } from "./gesture.ts"

/** A person's keys in this browser: at least one of the two. */
export interface PersonKey {
  /** The pair that this browser keeps: it signs what the page hands it, and asks nobody. */
  readonly kept: CustodyKeyPair | undefined
  /** The passkey that the custodian knows. */
  readonly passkey: { readonly rpId: string; readonly credentialId: string } | undefined
  /** What the custodian takes from no kept key. */
  readonly require: readonly SignedKind[]
}

/** Kinds that a kept key signs although there is a passkey: many in an hour, each small, grey and blurred. */
const LIGHT: readonly SignedKind[] = ["derivative"]

/** What a kind of document would be signed with; `undefined` where this person has nothing that the custodian takes. */
export function signsBy({ kept, passkey, require }: PersonKey, kind: SignedKind): SignedBy | undefined {
  const mayKeep = kept !== undefined && !require.includes(kind)
  if (mayKeep && (passkey === undefined || LIGHT.includes(kind))) return "kept-key"
  return passkey === undefined ? undefined : "passkey"
}

/**
 * Signs a document as its person: with the passkey, once the person has read what it is, else with the kept key.
 *
 * @throws {CallError} `passkey_...` where nothing was signed.
 */
export async function sign(kind: SignedKind, document: SignableDocument, key: PersonKey): Promise<string> {
  const { signDocument } = await import("@nightlight/contract/custodian")
  const by = signsBy(key, kind)
  if (by === "kept-key" && key.kept !== undefined) return signDocument(document as Json, key.kept.privateKey)
  const { passkey } = key
  if (passkey === undefined) throw new CallError("passkey_needed", "this must be signed with a passkey", 0)
  const { askPasskey } = await import("./passkey.ts")
  await askGesture({ kind, document })
  const { rpId, credentialId } = passkey
  return signDocument(document as Json, {
    assert: (challenge) => askPasskey({ rpId, challenge, credentialIds: [credentialId] }),
  })
}

/** Proves a grant as one person. @throws {CallError} `passkey_...` where nothing was signed. */
export async function prove(
  grant: Extract<Grant, { purpose: "derivative" | "original" | "filing" }>,
  person: string,
  key: PersonKey,
): Promise<GrantProof> {
  return { person, signature: await sign(grant.purpose, grant, key) }
}

type Json = Parameters<typeof import("@nightlight/contract/custodian").signDocument>[0]
