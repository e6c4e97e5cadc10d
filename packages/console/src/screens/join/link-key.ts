/**
 * Opening a reset with the reader's own enrolled key in place of the host's code.
 * @module
 */
import type { LinkKeyAnswer } from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { callOnce } from "../../api/call.ts"
import type { Of } from "../../api/of.ts"
import { CallError } from "../../api/problem.ts"
import { readPersonKey } from "../../custody/key-store.ts"
import { askPasskey } from "../../custody/passkey.ts"

/** What goes with the password in place of a code. */
export interface KeyProof {
  readonly challenge: string
  readonly signature: string
}

type Challenge = NonNullable<Of<typeof LinkKeyAnswer>["key"]>

const ask = (token: string) => callOnce<Of<typeof LinkKeyAnswer>>("POST", "/v1/join/key", { body: { token } })

/** Whether this link opens with a key, and this browser or a passkey of its person may have it. */
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
 * Signs a challenge of this link and nothing else: what is signed is made here, of the four members that name it.
 *
 * @throws {CallError} `passkey_...`, in words under `common.errors`; else the server's.
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
  if (kept === undefined) throw new CallError("passkey_none", "this browser keeps no key of this person", 0)
  return { challenge, signature: await signDocument(opening, kept.privateKey) }
}

function keptKeyOf({ person }: Challenge) {
  return readPersonKey(person).catch(() => undefined)
}
