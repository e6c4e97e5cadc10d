/**
 * Opens a reset with the key that its person enrolled with the custodian, in place of the host's code. The requester
 * and the approver of the reset have the link but not the key.
 * @module
 */
import { LINK_OPENING_FORMAT, type LinkOpening, linkOpening, signedBy } from "@nightlight/contract/custodian"
import { compact, RequestError } from "@nightlight/core"
import { z } from "zod"
import type { PersonId } from "../../../platform/auth/actor.ts"
import type { EventTransaction } from "../../../platform/events/transact.ts"
import { newToken, tokenDigest } from "../../../platform/secrets/tokens.ts"
import { findPersonKeys, keyThatSigned, needsPasskey } from "../../approvals/person-keys.ts"
import { takeChallenge } from "../passkeys/store.ts"
import type { SignInDeps } from "../types.ts"
import type { Link } from "./link-store.ts"
import type { OpenedBy } from "./links.ts"

/** How long a challenge is valid: long enough for a single sign-on in between. */
export const LINK_CHALLENGE_MINUTES = 15

/** A challenge that a person signs to open their link. */
export interface LinkChallenge {
  readonly opening: LinkOpening
  /** The passkey that must sign; absent if the key that the person's browser keeps must. */
  readonly passkey?: { readonly rpId: string; readonly credentialId: string }
  /** Sealed; sent back with the signature. */
  readonly challenge: string
}

/** A signature over a challenge. */
export interface SignedChallenge {
  readonly challenge: string
  readonly signature: string
}

/** Uses up a challenge, in the transaction that opens the link, and returns what it was opened with. */
export type TakeSigned = (tx: EventTransaction) => Promise<OpenedBy>

/** Lets people open the link of a reset with the key that they enrolled at the custodian. */
export interface LinkKeys {
  /**
   * Makes a challenge for one link.
   *
   * @returns `undefined` for a link that is no reset, and for somebody whose key the custodian does not know.
   * @throws {DependencyError} `unavailable` if the custodian does not answer.
   */
  start(link: Link): Promise<LinkChallenge | undefined>
  /**
   * Checks a signature, without using up the challenge.
   *
   * @throws {RequestError} `forbidden` for a challenge of another link or an expired one, for a link that is no reset,
   *   and for a signature that is not by an enrolled key of its person, which also raises an alarm.
   * @throws {DependencyError} `unavailable` if the custodian does not answer.
   */
  check(link: Link, signed: SignedChallenge): Promise<TakeSigned>
}

const Sealed = z.strictObject({ person: z.string(), link: z.string(), nonce: z.string(), issuedAt: z.iso.datetime() })
const PURPOSE = "link-opening"

/** Creates the service. A challenge is sealed for its link, so that no server needs to remember it. */
export function createLinkKeys({ clock, sealer, alarms, custodian }: SignInDeps): LinkKeys {
  /** The challenge that this server made for this link, if it is still valid. */
  const openingOf = ({ id }: Link, challenge: string): LinkOpening | undefined => {
    try {
      const text = sealer.open(PURPOSE, id, Buffer.from(challenge, "base64url")).toString()
      const opening = linkOpening(Sealed.parse(JSON.parse(text)))
      const ageMs = Math.abs(clock.now().getTime() - Date.parse(opening.issuedAt))
      return opening.link === id && ageMs <= LINK_CHALLENGE_MINUTES * 60_000 ? opening : undefined
    } catch {
      return undefined
    }
  }

  return {
    start: async (link) => {
      const person = resetOf(link)
      const keys = person === undefined ? undefined : await findPersonKeys(custodian, person)
      if (person === undefined || keys === undefined) return undefined
      const { passkey, passkeys } = keys
      if (passkey === undefined && needsPasskey(keys, "link-opening")) return undefined
      const { format: _, ...told } = linkOpening({
        person,
        link: link.id,
        nonce: newToken(),
        issuedAt: clock.now().toISOString(),
      })
      return {
        opening: { format: LINK_OPENING_FORMAT, ...told },
        challenge: sealer.seal(PURPOSE, link.id, Buffer.from(JSON.stringify(told))).toString("base64url"),
        ...compact({ passkey: passkey && { rpId: passkeys.rpId, credentialId: passkey.credentialId } }),
      }
    },
    check: async (link, { challenge, signature }) => {
      const person = resetOf(link)
      const opening = openingOf(link, challenge)
      if (person === undefined || opening?.person !== person) throw notGood()
      const keys = await findPersonKeys(custodian, person)
      const signed = { kind: "link-opening", document: opening, signature } as const
      const key = keys === undefined ? undefined : keyThatSigned(signed, keys)
      if (key === undefined) {
        await alarms.raiseNow({ code: "link-key-refused", subject: person, data: { link: link.id } })
        throw notGood()
      }
      return async ({ trx }) => {
        if (!(await takeChallenge(trx, tokenDigest(opening.nonce), clock.now()))) throw notGood()
        return { by: signedBy(signature), keyId: key.keyId }
      }
    },
  }
}

/** The person of a reset link; `undefined` for every other link. */
function resetOf({ kind, personId }: Link): PersonId | undefined {
  return kind === "reset" ? personId : undefined
}

function notGood(): RequestError {
  return new RequestError("forbidden", "this key does not open this link", {
    hint: "Request another challenge, or get a code from the operator of the machine: nightlight people code ADDRESS",
  })
}
