/**
 * Joining: a link is used, then a password is set and an authenticator enrolled, or a single sign-on bound. The set-up,
 * an invitation and a reset all end here.
 * @module
 */
import { compact, RequestError } from "@nightlight/core"
import { z } from "zod"
import type { PersonActor, PersonId } from "../../../platform/auth/actor.ts"
import { type EventTransaction, transact } from "../../../platform/events/transact.ts"
import type { Invitee } from "../../people/setup.ts"
import { type Person, SYSTEM_SETUP } from "../../people/types.ts"
import { insertIdentity } from "../oidc/identity-store.ts"
import type { MadeLink, SignInDeps } from "../types.ts"
import type { JoiningCodes } from "./codes.ts"
import type { LinkChallenge, LinkKeys, SignedChallenge } from "./link-keys.ts"
import type { Link } from "./link-store.ts"
import type { Links, OpenedBy } from "./links.ts"
import { CredentialDraft, type PasswordEnrolment } from "./password-enrolment.ts"

/** The answer to a used link, given once. */
export interface Enrolment {
  /** Token of the next step. */
  readonly enrolment: string
  /** Contains the authenticator's secret. */
  readonly otpauthUri: string
  readonly expiresAt: Date
}

/** A link and its person. */
export interface PersonLink extends MadeLink {
  readonly personId: PersonId
}

/** The person who joined. */
export interface Joined {
  readonly personId: PersonId
  /** After the set-up: the second administrator's invitation. */
  readonly second: PersonLink | undefined
}

/** Proof that opens a link: the host's code, or, for a reset, a signature by the person's enrolled key. */
export type LinkProof = { readonly oneTimeCode: string } | { readonly key: SignedChallenge }

/** A person as an issuer knows them. */
interface Identity {
  readonly issuer: string
  readonly subject: string
}

/** Makes links, and turns a used one into its person's first or new credentials. */
export interface Joining {
  /**
   * Makes the link with which the first administrator joins; an earlier one becomes void.
   *
   * @returns `undefined` once there is an administrator.
   */
  createSetupLink(): Promise<MadeLink | undefined>
  /**
   * Checks that a set-up link is valid, without using it.
   *
   * @throws {RequestError} `input_invalid` if the two have the same address, `not_found`, `state_conflict`.
   */
  mayBegin(token: string, first: Invitee, second: Invitee): Promise<void>
  /** Uses a set-up link to make the first administrator by single sign-on. Throws as {@link mayBegin} does. */
  setUpByOidc(
    token: string,
    both: { readonly first: Invitee; readonly second: Invitee },
    identity: Identity,
  ): Promise<Joined>
  /** Uses a set-up link. Throws as {@link mayBegin} does; `forbidden` where password sign-in is off. */
  setUp(token: string, first: Invitee & { readonly password: string }, second: Invitee): Promise<Enrolment>
  /**
   * Gives the challenge that the person of a reset signs to open it without a code; `undefined` as
   * {@link LinkKeys.start}.
   *
   * @throws {RequestError} `not_found` if the link is not valid.
   */
  challenge(token: string): Promise<LinkChallenge | undefined>
  /**
   * Uses an invitation or a reset. Throws as {@link setUp} does, and `forbidden` without the code that the host made
   * for the person or, for a reset, the signature of their key.
   */
  join(token: string, password: string, proof: LinkProof): Promise<Enrolment>
  /** Ends the set-up or joining with the authenticator's first code. Throws as {@link setUp} does. */
  confirm(enrolment: string, code: string): Promise<Joined>
  /**
   * Whose invitation or reset this is, without using link, code or challenge.
   *
   * @throws {RequestError} `not_found` if the link is not valid, `forbidden` if code or signature is not.
   */
  invited(token: string, proof: LinkProof): Promise<PersonId>
  /**
   * Uses an invitation or a reset to bind a single sign-on.
   *
   * @throws {RequestError} `not_found`, `forbidden` as {@link invited}; `state_conflict` if the single sign-on belongs
   *   to somebody already.
   */
  bind(token: string, identity: Identity, proof: LinkProof): Promise<PersonId>
  /**
   * Makes a person without any role, and the link to join by.
   *
   * @throws {RequestError} `state_conflict` until the second administrator has joined, or for a known address.
   */
  invite(actor: PersonActor, invitee: Invitee): Promise<PersonLink>
  /** Makes a new link for somebody who has not joined. Throws {@link RequestError} `state_conflict`. */
  inviteAgain(actor: PersonActor, personId: string): Promise<PersonLink>
  /** Invites another second administrator. Throws as {@link Setup.replaceSecond} does. */
  inviteSecond(actor: PersonActor, second: Invitee): Promise<PersonLink>
}

/** Input before the authenticator's first code. */
const Draft = CredentialDraft.extend({
  setup: z
    .strictObject({
      first: z.strictObject({ name: z.string(), email: z.string() }),
      second: z.strictObject({ name: z.string(), email: z.string() }),
    })
    .optional(),
})

/** Uses the proof that opened a link, and returns which it was. */
type UseProof = (tx: EventTransaction) => Promise<OpenedBy>

interface JoiningDeps extends SignInDeps {
  readonly enrolment: PasswordEnrolment
  readonly links: Links
  readonly codes: JoiningCodes
  readonly linkKeys: LinkKeys
}

/** Until the authenticator is confirmed, the new password's hash waits sealed in the link. */
export function createJoining(deps: JoiningDeps): Joining {
  const { db, clock, people, setup, enrolment: passwords, links, codes, linkKeys } = deps

  const enrol = async (
    token: string,
    { email, password }: { readonly email: string; readonly password: string },
    given: { readonly setup?: z.infer<typeof Draft>["setup"]; readonly by: string; readonly use: UseProof },
  ): Promise<Enrolment> => {
    const { draft: credential, otpauthUri } = await passwords.begin({ email, password })
    const draft: z.infer<typeof Draft> = compact({ ...credential, setup: given.setup })
    const opened = await transact(deps, given.by, async (tx) => {
      const by = await given.use(tx)
      return links.open(tx, token, { draft: Buffer.from(JSON.stringify(draft)), by })
    })
    return { ...opened, otpauthUri }
  }
  const inviteLink = async (tx: EventTransaction, personId: PersonId, by: string): Promise<PersonLink> => ({
    personId,
    ...(await links.make(tx, { kind: "invitation", personId, by })),
  })
  /** Records that somebody joined, except after a reset: they had joined before. */
  const hasJoined = async (tx: EventTransaction, personId: PersonId): Promise<void> => {
    const { joinedAt, deactivatedAt } = await people.get(personId, tx.trx)
    if (deactivatedAt !== undefined) throw noLongerGood()
    if (joinedAt === undefined) await people.joined(tx, personId)
  }
  const find = async (token: string): Promise<{ readonly link: Link; readonly personId: PersonId }> => {
    const link = await links.peek(token, "sent")
    const { personId } = link
    if (personId === undefined) throw new RequestError("not_found", "this link is for the set-up: open it there")
    if ((await people.get(personId)).deactivatedAt !== undefined) throw noLongerGood()
    return { link, personId }
  }
  const checked = async (
    token: string,
    proof: LinkProof,
  ): Promise<{ readonly personId: PersonId; readonly use: UseProof }> => {
    const { link, personId } = await find(token)
    if ("key" in proof) return { personId, use: await linkKeys.check(link, proof.key) }
    const { oneTimeCode } = proof
    await codes.check(personId, oneTimeCode)
    const use: UseProof = async (tx) => {
      await codes.use(tx, personId, oneTimeCode)
      return { by: "host-code" }
    }
    return { personId, use }
  }

  const mayBegin = async (token: string, first: Invitee, second: Invitee): Promise<void> => {
    if ((await links.peek(token, "sent")).kind !== "setup") {
      throw new RequestError("not_found", "this link is for joining, not for the set-up")
    }
    if (await setup.begun(db)) throw new RequestError("state_conflict", "there is an administrator already")
    if (first.email === second.email)
      throw new RequestError("input_invalid", "the second administrator must be somebody else")
  }
  const bindIdentity = async (
    { trx, record }: EventTransaction,
    personId: PersonId,
    identity: Identity,
  ): Promise<void> => {
    const { issuer, subject } = identity
    const proof = await insertIdentity(trx, { issuer, subject, personId }, clock.now())
    record({ type: "credentials.set", subject: personId, data: { method: "oidc", proof } })
  }

  return {
    createSetupLink: async () => {
      if (await setup.begun(db)) return undefined
      return transact(deps, SYSTEM_SETUP, (tx) =>
        links.make(tx, { kind: "setup", personId: undefined, by: SYSTEM_SETUP }),
      )
    },
    mayBegin,
    setUpByOidc: async (token, both, identity) => {
      await mayBegin(token, both.first, both.second)
      return transact(deps, SYSTEM_SETUP, async (tx) => {
        await links.use(tx, token, { by: "set-up" })
        const made = await setup.begin(tx, both.first, both.second)
        await bindIdentity(tx, made.first, identity)
        await people.joined(tx, made.first)
        return { personId: made.first, second: await inviteLink(tx, made.second, SYSTEM_SETUP) }
      })
    },
    setUp: async (token, { password, ...first }, second) => {
      await mayBegin(token, first, second)
      const use: UseProof = async () => ({ by: "set-up" })
      return enrol(token, { email: first.email, password }, { setup: { first, second }, by: SYSTEM_SETUP, use })
    },
    challenge: async (token) => linkKeys.start((await find(token)).link),
    join: async (token, password, proof) => {
      const { personId, use } = await checked(token, proof)
      const { email } = await people.get(personId)
      return enrol(token, { email, password }, { by: personId, use })
    },
    confirm: async (enrolment, code) => {
      const by = (await links.peek(enrolment, "opened")).personId ?? SYSTEM_SETUP
      return transact(deps, by, async (tx) => {
        const { link, draft: sealed } = await links.finish(tx, enrolment)
        const { setup: both, ...draft } = Draft.parse(JSON.parse(sealed.toString()))
        const write = passwords.confirm(draft, code)
        const made = both === undefined ? undefined : await setup.begin(tx, both.first, both.second)
        const personId = made?.first ?? link.personId
        if (personId === undefined) throw new RequestError("not_found", "this link belongs to nobody")
        await write(tx, personId)
        if (made !== undefined) await people.joined(tx, personId)
        else await hasJoined(tx, personId)
        return {
          personId,
          second: made === undefined ? undefined : await inviteLink(tx, made.second, SYSTEM_SETUP),
        }
      })
    },
    invited: async (token, proof) => (await checked(token, proof)).personId,
    bind: async (token, identity, proof) => {
      const { personId, use } = await checked(token, proof)
      return transact(deps, personId, async (tx) => {
        await links.use(tx, token, await use(tx))
        await bindIdentity(tx, personId, identity)
        await hasJoined(tx, personId)
        return personId
      })
    },
    invite: async (actor, invitee) => {
      if (!(await setup.complete(db))) {
        throw new RequestError(
          "state_conflict",
          "nobody else can be invited before the second administrator has joined",
        )
      }
      return transact(deps, actor.id, async (tx) => {
        const personId = await people.create(tx, { ...invitee, by: actor.id })
        await people.recordRelation(tx, actor.id, personId, "made")
        return inviteLink(tx, personId, actor.id)
      })
    },
    inviteAgain: async (actor, id) => {
      if (!(await setup.complete(db))) {
        throw new RequestError("state_conflict", "the second administrator is invited again in the set-up")
      }
      const person = await people.get(id)
      assertToJoin(person)
      return transact(deps, actor.id, async (tx) => {
        await people.recordRelation(tx, actor.id, person.id, "made")
        const link = await inviteLink(tx, person.id, actor.id)
        // It made earlier links void, also for somebody who was joining by one of them.
        assertToJoin(await people.get(id, tx.trx))
        return link
      })
    },
    inviteSecond: (actor, second) =>
      transact(deps, actor.id, async (tx) =>
        inviteLink(tx, await setup.replaceSecond(tx, actor, second), SYSTEM_SETUP),
      ),
  }
}

function assertToJoin({ id, joinedAt, deactivatedAt }: Person): void {
  if (joinedAt === undefined && deactivatedAt === undefined) return
  throw new RequestError("state_conflict", "this person has joined, or was deactivated", { details: { id } })
}

function noLongerGood(): RequestError {
  return new RequestError("not_found", "this link is no longer valid")
}
