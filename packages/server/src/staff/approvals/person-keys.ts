/**
 * The keys with which a person signs, read from the custodian's list of enrolled keys: the server trusts that list, not
 * its database.
 * @module
 */
import { type CustodianState, type SignedKind, signedBy } from "@nightlight/contract/custodian"
import type { JsonValue } from "@nightlight/core"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import { type EnrolledKey, isSignatureOf } from "./signature.ts"

/** A person's enrolled keys: the browser's signing key, and a passkey if there is one. */
export interface PersonKeys {
  readonly browserKey: EnrolledKey
  readonly passkey: (EnrolledKey & { readonly credentialId: string }) | undefined
  /** Relying party of the custodian's passkeys, and which kinds of document must be signed with one. */
  readonly passkeys: CustodianState["passkeys"]
}

/**
 * Reads a person's keys from the custodian, anew for each signature, so that a key revoked a moment ago does not count.
 *
 * @returns `undefined` for somebody who is not enrolled, or was revoked.
 * @throws {DependencyError} `unavailable`.
 */
export async function findPersonKeys(
  custodian: Pick<CustodianClient, "enrolments" | "state">,
  person: string,
): Promise<PersonKeys | undefined> {
  const [{ people }, { passkeys }] = await Promise.all([custodian.enrolments(), custodian.state()])
  const entry = people.find((known) => known.person === person && known.revokedAt === undefined)
  return entry && { browserKey: entry, passkey: entry.passkey, passkeys }
}

/**
 * Whether a person must sign this kind of document with a passkey: they have one, or the custodian accepts nothing
 * else.
 */
export function needsPasskey({ passkey, passkeys }: PersonKeys, kind: SignedKind): boolean {
  return passkey !== undefined || passkeys.require.includes(kind)
}

/** Finds which of a person's keys signed a document; `undefined` if none of the allowed ones did. */
export function keyThatSigned(
  {
    kind,
    document,
    signature,
  }: { readonly kind: SignedKind; readonly document: JsonValue; readonly signature: string },
  keys: PersonKeys,
): EnrolledKey | undefined {
  const isByPasskey = signedBy(signature) === "passkey"
  if (!isByPasskey && needsPasskey(keys, kind)) return undefined
  const key = isByPasskey ? keys.passkey : keys.browserKey
  if (key === undefined) return undefined
  const { keyId, publicKey } = key
  return isSignatureOf({ document, signature, publicKey, party: keys.passkeys }) ? { keyId, publicKey } : undefined
}
