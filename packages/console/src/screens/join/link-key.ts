/**
 * Opening a reset link with the person's enrolled key instead of the host's code.
 * @module
 */
import type { LinkKeyAnswer } from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { callOnce } from "../../api/call.ts"
import { CallError } from "../../api/problem.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { readPersonKey } from "../../custody/key-store.ts"
import { askPasskey } from "../../custody/passkey.ts"

/** The signed challenge that is sent with the password instead of a code. */
export interface KeyProof {
  readonly challenge: string
  readonly signature: string
}

type Challenge = NonNullable<SchemaOutput<typeof LinkKeyAnswer>["key"]>

const ask = (token: string) => callOnce<SchemaOutput<typeof LinkKeyAnswer>>("POST", "/v1/join/key", { body: { token } })

/** Whether the link can be opened with a key that this browser stores, or with a passkey. */
export const hasKeyQuery = (token: string | undefined) =>
  queryOptions({
    queryKey: ["link-key", token],
    queryFn: async () => {
      if (token === undefined) return false
      const { key } = await ask(token)
      return key !== undefined && (key.passkey !== undefined || (await keptKeyOf(key)) !== undefined)
    },
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })

/**
 * Signs the challenge of a link. The signed document is built here from the link's four members, so that the server
 * cannot have anything else signed.
 *
 * @throws {CallError} `passkey_...`, in words under `common.errors`, or the server's error.
 */
export async function proveLink(token: string): Promise<KeyProof> {
  const { key } = await ask(token)
  if (key === undefined) throw new CallError("passkey_none", "the custodian knows no key for this link", 0)
  const { linkOpening, signDocument } = await import("@nightlight/contract/custodian")
  const { person, link, nonce, issuedAt, passkey, challenge } = key
  const opening = linkOpening({ person, link, nonce, issuedAt })
  if (passkey !== undefined) {
    const { rpId, credentialId } = passkey
    const assert = (bytes: Uint8Array<ArrayBuffer>) =>
      askPasskey({ rpId, challenge: bytes, credentialIds: [credentialId] })
    return { challenge, signature: await signDocument(opening, { assert }) }
  }
  const kept = await keptKeyOf(key)
  if (kept === undefined) throw new CallError("passkey_none", "this browser stores no key of this person", 0)
  return { challenge, signature: await signDocument(opening, kept.privateKey) }
}

function keptKeyOf({ person }: Challenge) {
  return readPersonKey(person).catch(() => undefined)
}
