import { createHmac, timingSafeEqual } from "node:crypto"
import { type CustodianRole, type EnrolBody, type Enrolments, enrolmentText } from "@nightlight/contract/custodian"
import type { Signer, Verifier } from "@nightlight/core"
import { compact, HOUR_MS } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
import { formatOneTimeCode, newOneTimeCode } from "@nightlight/vault"
import { keyIdOfPoint, readP256 } from "@nightlight/vault/webauthn"
import { type Journal, SELF } from "../journal/journal.ts"
import { createSerial } from "../journal/serial.ts"
import type { Keyring } from "../keys/keyring.ts"
import { openText, sealText } from "../keys/sealed-text.ts"
import type { StateKeys } from "../keys/state-key.ts"
import { refusal } from "../refusal.ts"
import { keyIdsOf } from "./distinct-keys.ts"
import type { EnrolmentBook } from "./enrolment-book.ts"
import {
  composeEnrolments,
  type EnrolledPerson,
  type EnrolmentContent,
  type Invite,
  isSealed,
  NO_ENROLMENTS,
  readEnrolments,
  untrusted,
} from "./enrolment-file.ts"
import type { KeyBook } from "./key-book.ts"

/** How long a one-time code is valid. */
export const CODE_HOURS = 24

const CODE_MS = CODE_HOURS * HOUR_MS
const MAX_WRONG_TRIES = 5

/** The people whose proofs the custodian accepts. */
export interface People {
  /** Whether the enrolments are known to be the custodian's own. */
  readonly isAdmitted: boolean
  /**
   * Checks the enrolments with the custodian's key, which the journal has accepted.
   *
   * @throws {IntegrityError} `key_unusable` if somebody without the passphrase wrote them.
   */
  admit(keys: StateKeys): Promise<void>
  /**
   * Finds a person who is enrolled and not revoked.
   *
   * @throws {RequestError} `state_conflict` (`locked`) before {@link People.admit}.
   */
  find(person: string): EnrolledPerson | undefined
  list(): Enrolments
  /** Makes a one-time code, replacing an earlier one of that person. */
  invite(
    person: string,
    roles: readonly CustodianRole[],
  ): Promise<{ readonly code: string; readonly expiresAt: string }>
  /** Enrols a key, and a passkey if given, replacing earlier ones of that person. */
  complete(given: EnrolBody): Promise<EnrolledPerson>
  /** @returns Whether there was somebody to revoke. */
  revoke(person: string): Promise<boolean>
}

/** Dependencies of {@link openPeople}. */
export interface PeopleOptions {
  readonly path: string
  readonly signer: Signer
  readonly verifier: Verifier
  readonly journal: Journal
  readonly book: EnrolmentBook
  readonly keyBook: KeyBook
  readonly keyring: Keyring
  readonly recipient: string
}

/**
 * Opens the enrolments. Nobody is trusted until {@link People.admit} has checked them.
 *
 * @throws {IntegrityError} `key_unusable` if the custodian did not sign the file, or its journal did not announce it.
 */
export async function openPeople(options: PeopleOptions): Promise<People> {
  const { path, signer, verifier, journal, book, keyBook, keyring, recipient } = options
  let file = await readEnrolments(path, verifier)
  book.assertAnnounced(file)
  let isAdmitted = false
  const serial = createSerial()

  /** Records that an announced file was written, if a killed process or a full disk left that out. */
  async function recordRecovered(): Promise<void> {
    if (book.isDone(file)) return
    await journal.record("enrolment.recovered", SELF, { version: file.content.version, fileSha256: file.fileSha256 })
  }

  /** Announces, writes, then records: at a start in between, the journal knows which of two files is right. */
  async function change(next: Omit<EnrolmentContent, "version">, event: Change): Promise<void> {
    const { keys } = journal.seal
    if (keys === undefined || !isAdmitted) throw refusal("locked", "the custodian is locked")
    await recordRecovered()
    const version = file.content.version + 1
    const composed = composeEnrolments({ version, ...next }, keys, signer)
    const { fileSha256 } = composed.file
    await journal.record("enrolment.intended", event.actor, { version, fileSha256 })
    await writeFileAtomic(path, composed.text, 0o600)
    file = composed.file
    await journal.record(event.type, event.actor, { ...event.data, version, fileSha256 })
  }

  async function open(person: string): Promise<{ readonly invite: Invite; readonly code: string }> {
    const invite = file.content.invites.find((entry) => entry.person === person)
    if (invite === undefined || journal.clock.now().getTime() > Date.parse(invite.expiresAt)) {
      throw refusal("not-invited", "no one-time code is waiting for this person", { person })
    }
    return { invite, code: await openText(Buffer.from(invite.sealedCode, "base64"), keyring.identities()) }
  }

  async function failTry(invite: Invite): Promise<never> {
    const others = file.content.invites.filter((entry) => entry !== invite)
    const wrongTries = invite.wrongTries + 1
    const isOver = wrongTries >= MAX_WRONG_TRIES
    const invites = isOver ? others : [...others, { ...invite, wrongTries }]
    const type = isOver ? "enrolment.voided" : "enrolment.failed"
    await change(
      { people: file.content.people, invites },
      { type, actor: SELF, data: { person: invite.person, wrongTries } },
    )
    throw refusal(isOver ? "tries-exceeded" : "code-wrong", "the proof was not made with the one-time code", {
      person: invite.person,
      triesLeft: MAX_WRONG_TRIES - wrongTries,
    })
  }

  return {
    get isAdmitted() {
      return isAdmitted
    },
    async admit(keys) {
      if (file !== NO_ENROLMENTS && !isSealed(file, keys)) throw untrusted("were not made by this custodian")
      isAdmitted = true
      await serial.run(recordRecovered)
    },
    find(person) {
      if (!isAdmitted) throw refusal("locked", "the custodian is locked")
      return file.content.people.find((entry) => entry.person === person && entry.revokedAt === undefined)
    },
    list: () => ({
      people: file.content.people.map(({ passkey, ...rest }) => ({
        ...rest,
        keyId: keyIdOfPoint(rest.publicKey),
        ...compact({
          passkey: passkey === undefined ? undefined : { ...passkey, keyId: keyIdOfPoint(passkey.publicKey) },
        }),
      })),
      invited: file.content.invites.map(({ person, roles, expiresAt }) => ({ person, roles, expiresAt })),
    }),
    invite: (person, roles) =>
      serial.run(async () => {
        const code = newOneTimeCode()
        const sealedCode = Buffer.from(await sealText(code, recipient)).toString("base64")
        const expiresAt = new Date(journal.clock.now().getTime() + CODE_MS).toISOString()
        const others = file.content.invites.filter((entry) => entry.person !== person)
        const invite = { person, roles: [...roles], sealedCode, expiresAt, wrongTries: 0 }
        await change(
          { people: file.content.people, invites: [...others, invite] },
          { type: "enrolment.invited", actor: "host", data: { person, roles: [...roles], expiresAt } },
        )
        return { code: formatOneTimeCode(code), expiresAt }
      }),
    complete: ({ person, publicKey, passkey, proof }) =>
      serial.run(async () => {
        for (const point of [publicKey, passkey?.publicKey ?? publicKey]) {
          if (readP256(point) === undefined) throw refusal("malformed", "the public key is not a point of P-256")
        }
        const { invite, code } = await open(person)
        const expected = createHmac("sha256", code)
          .update(enrolmentText(person, publicKey, passkey))
          .digest()
        const given = Buffer.from(proof, "base64url")
        if (given.length !== expected.length || !timingSafeEqual(given, expected)) return failTry(invite)
        const keys = passkey === undefined ? { publicKey } : { publicKey, passkey }
        keyBook.assertNobodyElses(person, keyIdsOf(keys))
        const others = file.content.people.filter((known) => known.person !== person)
        const enrolledAt = journal.clock.now().toISOString()
        const entry: EnrolledPerson = { person, ...keys, roles: invite.roles, enrolledAt }
        const replacesKey = others.length < file.content.people.length
        await change(
          { people: [...others, entry], invites: file.content.invites.filter((known) => known !== invite) },
          {
            type: "enrolment.completed",
            actor: person,
            data: compact({
              person,
              roles: invite.roles,
              keyId: keyIdOfPoint(publicKey),
              replacesKey,
              passkey: passkey === undefined ? undefined : keyIdOfPoint(passkey.publicKey),
            }),
          },
        )
        return entry
      }),
    revoke: (person) =>
      serial.run(async () => {
        const revokedAt = journal.clock.now().toISOString()
        const isKnown = [...file.content.people, ...file.content.invites].some((entry) => entry.person === person)
        if (!isKnown) return false
        const people = file.content.people.map((entry) =>
          entry.person === person && entry.revokedAt === undefined ? { ...entry, revokedAt } : entry,
        )
        const invites = file.content.invites.filter((entry) => entry.person !== person)
        await change({ people, invites }, { type: "enrolment.revoked", actor: "host", data: { person } })
        return true
      }),
  }
}

interface Change {
  readonly type: string
  readonly actor: string
  readonly data: { readonly person: string; readonly [key: string]: string | number | boolean | readonly string[] }
}
