/**
 * Links: each works once, by POST, and for a limited time. The token is in the URL's fragment, which no browser sends
 * to a server and no proxy logs.
 * @module
 */

import { randomUUID } from "node:crypto"
import type { SignedBy } from "@nightlight/contract/custodian"
import { MINUTE_MS, RequestError } from "@nightlight/core"
import type { PersonId } from "../../../platform/auth/actor.ts"
import { absentIfUntrusted } from "../../../platform/authority/sealed-rows.ts"
import type { EventTransaction } from "../../../platform/events/transact.ts"
import { newToken, tokenDigest } from "../../../platform/secrets/tokens.ts"
import type { LinkKind, MadeLink, SignInDeps } from "../types.ts"
import * as store from "./link-store.ts"

/** How long a link of each kind works. */
export const LINK_MINUTES: Readonly<Record<LinkKind, number>> = { setup: 15, invitation: 24 * 60, reset: 24 * 60 }
/** How long an opened link may wait for the authenticator's first code. */
export const ENROLMENT_MINUTES = 15

/** Secrets with which a link was opened; the set-up needs the link alone. */
export type OpenedBy =
  | { readonly by: "set-up" | "host-code" }
  | { readonly by: SignedBy /** Of the key that the custodian knows. */; readonly keyId: string }

/** Makes and uses links. */
export interface Links {
  /** Makes a link; earlier ones for the same become void. `personId` is `undefined` for the set-up. */
  make(
    tx: EventTransaction,
    link: { readonly kind: LinkKind; readonly personId: PersonId | undefined; readonly by: string },
  ): Promise<MadeLink>
  /** Reads the link of a token without using it. Throws {@link RequestError} `not_found` if it is not valid. */
  peek(token: string, stage: "sent" | "opened"): Promise<store.Link>
  /**
   * Uses a link: its token no longer works, and another one leads to the next step.
   *
   * @param opened - What was entered, sealed until then, and what the link was opened with.
   * @throws {RequestError} `not_found` if the link was used, is void or has expired.
   */
  open(
    tx: EventTransaction,
    token: string,
    opened: { readonly draft: Uint8Array; readonly by: OpenedBy },
  ): Promise<{ readonly enrolment: string; readonly expiresAt: Date }>
  /** Uses a link whose next step needs no token. Throws as {@link open} does. */
  use(tx: EventTransaction, token: string, by: OpenedBy): Promise<store.Link>
  /** Makes every link of a person void, and those of the set-up. */
  voidAll(tx: EventTransaction, personId: string): Promise<void>
  /** Takes the next step and unseals what was entered. Throws as {@link open} does. */
  finish(tx: EventTransaction, enrolment: string): Promise<{ readonly link: store.Link; readonly draft: Buffer }>
}

/** Stores digests of tokens alone. The token is in the URL's fragment, which browsers do not send. */
export function createLinks({ db, clock, sealer, origin }: SignInDeps): Links {
  const inMinutes = (minutes: number) => new Date(clock.now().getTime() + minutes * MINUTE_MS)
  const find = async (token: string, stage: "sent" | "opened", on: typeof db, lock: boolean): Promise<store.Link> => {
    const named = { tokenSha256: tokenDigest(token), stage, now: clock.now() }
    const link = await absentIfUntrusted(store.findLink(on, named, lock))
    if (link === undefined) throw new RequestError("not_found", "this link was used, is void or has expired")
    return link
  }
  return {
    make: async ({ trx, record }, { kind, personId, by }) => {
      const token = newToken()
      const id = `link-${randomUUID()}`
      const expiresAt = inMinutes(LINK_MINUTES[kind])
      await store.voidLinks(trx, personId === undefined ? "setup" : { personId })
      const link: store.Link = { id, kind, personId, stage: "sent", draft: undefined, expiresAt }
      await store.insertLink(trx, link, { tokenSha256: tokenDigest(token), by, at: clock.now() })
      record({ type: "link.made", subject: personId ?? id, data: { link: id, kind } })
      return { url: `${origin}/${kind === "setup" ? "setup" : "join"}#${token}`, expiresAt }
    },
    voidAll: async ({ trx }, personId) => {
      await store.voidLinks(trx, { personId })
      await store.voidLinks(trx, "setup")
    },
    peek: (token, stage) => find(token, stage, db, false),
    open: async ({ trx, record }, token, { draft, by }) => {
      const link = await find(token, "sent", trx, true)
      const enrolment = newToken()
      const expiresAt = inMinutes(ENROLMENT_MINUTES)
      const sealed = sealer.seal("enrolment", link.id, draft)
      await store.openLink(trx, link.id, { tokenSha256: tokenDigest(enrolment), draft: sealed, expiresAt })
      record({ type: "link.opened", subject: link.personId ?? link.id, data: { link: link.id, ...by } })
      return { enrolment, expiresAt }
    },
    use: async ({ trx, record }, token, by) => {
      const link = await find(token, "sent", trx, true)
      await store.endLink(trx, link.id)
      record({ type: "link.opened", subject: link.personId ?? link.id, data: { link: link.id, ...by } })
      return link
    },
    finish: async ({ trx }, enrolment) => {
      const link = await find(enrolment, "opened", trx, true)
      const draft = sealer.open("enrolment", link.id, link.draft ?? Buffer.alloc(0))
      await store.endLink(trx, link.id)
      return { link, draft }
    },
  }
}
