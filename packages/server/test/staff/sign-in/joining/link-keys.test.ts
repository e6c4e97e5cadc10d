import {
  type CustodyKeyPair,
  createPersonKey,
  type LinkOpening,
  linkOpening,
  type SigningKey,
  signDocument,
} from "@nightlight/contract/custodian"
import type { LinkKeyAnswer } from "@nightlight/contract/server"
import { DependencyError, type JsonValue } from "@nightlight/core"
import { SoftAuthenticator } from "@nightlight/dev-env/simulators/authenticator"
import { describe, expect, it } from "vitest"
import type { z } from "zod"
import { readEvents } from "../../../../src/platform/events/read.ts"
import { LINK_CHALLENGE_MINUTES } from "../../../../src/staff/sign-in/joining/link-keys.ts"
import { openEnrolments } from "../../../support/custody.ts"
import { useFoundStaff } from "../../../support/found-staff.ts"
import { addMember, browser, codeFor, type Member, PASSWORD, useLink } from "../../../support/staff.ts"

type Challenge = NonNullable<z.infer<typeof LinkKeyAnswer>["key"]>

const enrolments = openEnrolments()
const custody = { isDown: false }
const answering = async <T>(answer: Promise<T>): Promise<T> => {
  if (custody.isDown) throw new DependencyError("unavailable", "the custodian does not answer")
  return answer
}
const people = useFoundStaff({
  custodian: {
    enrol: async () => undefined,
    enrolments: () => answering(enrolments.custodian.enrolments()),
    state: () => answering(enrolments.custodian.state()),
  },
})

const tokenOf = (url: string) => url.slice(url.indexOf("#") + 1)
const call = (path: string, body: object) => browser(people.staff.app).call("POST", path, body)

/** Has two administrators reset somebody; the link's token. */
async function reset({ id }: Member, [asks, approves] = [people.first, people.second]): Promise<string> {
  await asks.signIn()
  const asked = await asks.browser.call("POST", `/v1/people/${id}/reset`)
  await approves.signIn()
  const done = await approves.browser.call("POST", `/v1/approvals/${asked.json<{ id: string }>().id}/approve`)
  return tokenOf(done.json<{ result: { url: string } }>().result.url)
}

async function challengeOf(token: string): Promise<Challenge> {
  const { key } = (await call("/v1/join/key", { token })).json<z.infer<typeof LinkKeyAnswer>>()
  if (key === undefined) throw new Error("expected a challenge")
  return key
}

/** Opens a link as its page does: signs the four members, and sends the sealed challenge back. */
async function open(
  token: string,
  given: Challenge,
  key: SigningKey,
  alter: (opening: LinkOpening) => JsonValue = (opening) => opening,
) {
  const { person, link, nonce, issuedAt, challenge } = given
  const signature = await signDocument(alter(linkOpening({ person, link, nonce, issuedAt })), key)
  return call("/v1/join", { token, password: PASSWORD, key: { challenge, signature } })
}

/** Somebody with a kept key, who was reset. */
async function aReset(): Promise<{ readonly kim: Member; readonly key: CustodyKeyPair; readonly token: string }> {
  const kim = await addMember(people.staff, "reviewer")
  const key = await enrolments.enrol(kim.id)
  return { kim, key, token: await reset(kim) }
}
const opened = async (person: string) =>
  (await readEvents(people.staff.db, { subject: person, types: ["link.opened"] })).at(-1)?.data
const alarmsAbout = async (person: string) =>
  (await people.staff.alarms.about("link-key-refused", [person])).map(({ times }) => times)
const FORBIDDEN = { statusCode: 403 }

describe("a reset whose person has enrolled a key", () => {
  it("opens with the kept key's signature and no code, once, and the log says by what", async () => {
    const { kim, key, token } = await aReset()
    const given = await challengeOf(token)
    expect(given).toMatchObject({ person: kim.id })
    const answer = await open(token, given, key.privateKey)
    expect(answer).toMatchObject({ statusCode: 200 })
    const { keyId } = (await enrolments.custodian.enrolments()).people.find(({ person }) => person === kim.id) ?? {}
    expect(await opened(kim.id)).toMatchObject({ link: given.link, by: "kept-key", keyId })
    expect(await open(token, given, key.privateKey)).toMatchObject({ statusCode: 404 })
  })

  it("opens with the passkey alone where the custodian knows one", async () => {
    const kim = await addMember(people.staff, "reviewer")
    const passkey = new SoftAuthenticator({ rpId: "localhost", origin: "http://localhost" })
    const key = await enrolments.enrol(kim.id, undefined, passkey)
    const token = await reset(kim)
    const given = await challengeOf(token)
    expect(given.passkey).toEqual({ rpId: "localhost", credentialId: passkey.credentialId })
    const unverified = passkey.signer({ flags: 0x01 })
    for (const other of [key.privateKey, unverified]) expect(await open(token, given, other)).toMatchObject(FORBIDDEN)
    expect(await open(token, given, passkey.signer())).toMatchObject({ statusCode: 200 })
    expect(await opened(kim.id)).toMatchObject({ by: "passkey" })
  })

  it("goes on to a new authenticator, as with a code, and the host's code still opens the next one", async () => {
    const { kim, token } = await aReset()
    const { member } = await useLink(people.staff, `http://localhost/join#${token}`, { email: kim.email })
    expect(member.id).toBe(kim.id)
    expect(await opened(kim.id)).toMatchObject({ by: "host-code" })
  })

  it("does not open with the keys of its requester, its approver or anybody else, and raises an alarm", async () => {
    const { kim, token } = await aReset()
    const given = await challengeOf(token)
    for (const { id } of [people.first, people.second, await addMember(people.staff, "reviewer")]) {
      const { privateKey } = await enrolments.enrol(id)
      expect(await open(token, given, privateKey)).toMatchObject(FORBIDDEN)
      expect(await open(token, given, privateKey, (opening) => ({ ...opening, person: id }))).toMatchObject(FORBIDDEN)
    }
    expect(await open(token, given, (await createPersonKey()).privateKey)).toMatchObject(FORBIDDEN)
    expect(await alarmsAbout(kim.id)).toEqual([7])
    expect(await opened(kim.id)).not.toMatchObject({ link: given.link })
  })

  it("does not open with a challenge of another link, of the link before, or one that somebody made up", async () => {
    const { kim, key, token } = await aReset()
    const other = await aReset()
    const theirs = await challengeOf(other.token)
    expect(await open(token, theirs, key.privateKey)).toMatchObject(FORBIDDEN)
    expect(await open(token, theirs, other.key.privateKey)).toMatchObject(FORBIDDEN)
    const before = await challengeOf(token)
    const again = await reset(kim)
    expect(await open(token, before, key.privateKey)).toMatchObject({ statusCode: 404 })
    expect(await open(again, before, key.privateKey)).toMatchObject(FORBIDDEN)
    const now = await challengeOf(again)
    const { challenge } = before
    expect(await open(again, { ...now, challenge }, key.privateKey)).toMatchObject(FORBIDDEN)
    expect(await open(again, { ...now, challenge: "AAAA" }, key.privateKey)).toMatchObject(FORBIDDEN)
    expect(await open(again, now, key.privateKey, (opening) => ({ ...opening, nonce: before.nonce }))).toMatchObject(
      FORBIDDEN,
    )
    expect(await open(again, now, key.privateKey)).toMatchObject({ statusCode: 200 })
  })

  it("does not open with an old challenge", async () => {
    const { key, token } = await aReset()
    const given = await challengeOf(token)
    people.staff.clock.move((LINK_CHALLENGE_MINUTES + 1) * 60_000)
    expect(await open(token, given, key.privateKey)).toMatchObject(FORBIDDEN)
    expect(await open(token, await challengeOf(token), key.privateKey)).toMatchObject({ statusCode: 200 })
  })

  it("does not open with a signature that its person gave for something else", async () => {
    const { kim, key, token } = await aReset()
    const given = await challengeOf(token)
    const others = [
      (opening: LinkOpening) => ({ ...opening, format: "nightlight-approval/1" }),
      (opening: LinkOpening) => [opening.nonce],
    ]
    for (const alter of others) expect(await open(token, given, key.privateKey, alter)).toMatchObject(FORBIDDEN)
    expect(await alarmsAbout(kim.id)).toEqual([2])
  })

  it("does not open with a key that was revoked, before the challenge or after it", async () => {
    const { kim, key, token } = await aReset()
    const given = await challengeOf(token)
    enrolments.revoke(kim.id)
    expect(await open(token, given, key.privateKey)).toMatchObject(FORBIDDEN)
    expect((await call("/v1/join/key", { token })).json()).toEqual({})
    expect(
      await call("/v1/join", { token, password: PASSWORD, oneTimeCode: await codeFor(people.staff, token) }),
    ).toMatchObject({
      statusCode: 200,
    })
  })

  it("opens by one way at a time, and waits for the custodian where that does not answer", async () => {
    const { key, token } = await aReset()
    const given = await challengeOf(token)
    const { challenge } = given
    const both = { token, password: PASSWORD, oneTimeCode: "x", key: { challenge, signature: "A".repeat(86) } }
    expect(await call("/v1/join", both)).toMatchObject({ statusCode: 400 })
    expect(await call("/v1/join", { token, password: PASSWORD })).toMatchObject({ statusCode: 400 })
    custody.isDown = true
    expect(await open(token, given, key.privateKey)).toMatchObject({ statusCode: 503 })
    custody.isDown = false
    expect(await open(token, given, key.privateKey)).toMatchObject({ statusCode: 200 })
  })

  it("is used by one of two that come with one challenge at the same time", async () => {
    const { key, token } = await aReset()
    const given = await challengeOf(token)
    const both = await Promise.all([open(token, given, key.privateKey), open(token, given, key.privateKey)])
    expect(both.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
  })
})

describe("any other link", () => {
  it("opens with no key: an invitation, also of somebody whose key the custodian knows, and one of set-up", async () => {
    await people.first.signIn()
    const made = await people.first.browser.call("POST", "/v1/people", { name: "Invited", email: "by-key@example.org" })
    const { personId, url } = made.json<{ personId: string; url: string }>()
    const { privateKey } = await enrolments.enrol(personId)
    const token = tokenOf(url)
    expect((await call("/v1/join/key", { token })).json()).toEqual({})
    const other = await aReset()
    expect(await open(token, await challengeOf(other.token), privateKey)).toMatchObject(FORBIDDEN)
    expect(await call("/v1/join/key", { token: "A".repeat(43) })).toMatchObject({ statusCode: 404 })
  })
})
