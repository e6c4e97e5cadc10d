import {
  enrolmentProof,
  type FilingGrant,
  type Grant,
  proveGrant,
  readPasskeySignature,
  type SignedKind,
  signAttestation,
  toPasskeySignature,
} from "@nightlight/contract/custodian"
import { compact } from "@nightlight/core"
import { filingGrant } from "@nightlight/dev-env/custodian/filing"
import { PASSPHRASE, sha256 } from "@nightlight/dev-env/custodian/folders"
import {
  enrol,
  enrolPasskey,
  makePerson,
  type PasskeyPerson,
  post,
  viewingGrant,
} from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { journalOf, refusalsOf, serveSite } from "@nightlight/dev-env/custodian/serving"
import { type CeremonyChange, SoftAuthenticator } from "@nightlight/dev-env/simulators/authenticator"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createCustodianClient } from "../src/index.ts"
import { PasskeyBook } from "../src/people/passkey-book.ts"
import { createSignatures } from "../src/people/signatures.ts"

const PARTY = { rpId: "localhost", origins: ["http://localhost:8080"] }
const EVIDENCE = { evidenceId: "item-1", ciphertextSha256: "a".repeat(64) }
const ROLES = ["reviewer" as const, "reporter" as const]

/** Two enrolled people with passkeys, one without, and a verifier over them. */
async function makeInstallation(require: readonly SignedKind[] = []) {
  const people = await Promise.all(
    ["ann", "ben", "kim"].map(async (id) => ({ ...(await makePerson(id)), passkey: new SoftAuthenticator() })),
  )
  const [ann, ben, kim] = people as [PasskeyPerson, PasskeyPerson, PasskeyPerson]
  const book = new PasskeyBook()
  const find = (id: string) => {
    const person = people.find((known) => known.id === id)
    if (person === undefined) return undefined
    const { credentialId, publicKey } = person.passkey
    return compact({
      person: id,
      publicKey: person.key.publicKey,
      roles: ROLES,
      enrolledAt: "2026-01-01T00:00:00.000Z",
      passkey: id !== "kim" ? { credentialId, publicKey } : undefined,
    })
  }
  const signatures = createSignatures({ party: PARTY, require, people: { find }, book })
  const original = async (change: Partial<Omit<Grant, "purpose">> = {}) =>
    (await viewingGrant(ann, EVIDENCE, { purpose: "original", ...change })).grant
  const check = (grant: Grant, person: string, signature: string) =>
    signatures.verify({
      kind: grant.purpose as SignedKind,
      document: grant,
      person,
      signature,
      signedAfter: grant.issuedAt,
    })
  const signed = async (grant: Grant, { id, passkey }: PasskeyPerson, change: CeremonyChange = {}) =>
    (await proveGrant(grant, id, passkey.signer(change))).signature
  let seq = 0
  const use = (grant: Grant, person: string, signature: string, at = new Date()) => {
    for (const { type, data } of check(grant, person, signature).events) {
      book.apply({ seq: ++seq, at: at.toISOString(), type, actor: person, data } as Parameters<typeof book.apply>[0])
    }
  }
  return { ann, ben, kim, original, check, signed, use }
}

describe("a grant that a passkey signed", () => {
  it("is accepted, and is distinguished from one that a kept key signed", async () => {
    const { ann, kim, original, check, signed } = await makeInstallation()
    const grant = await original()
    expect(check(grant, "ann", await signed(grant, ann))).toMatchObject({ by: "passkey", person: "ann" })
    const kept = await proveGrant(grant, "kim", kim.key.privateKey)
    expect(check(grant, "kim", kept.signature)).toMatchObject({ by: "kept-key", events: [] })
  })

  it("is not a signature over any other grant", async () => {
    const { ann, original, check, signed } = await makeInstallation()
    const signature = await signed(await original(), ann)
    const other = await original()
    expect(() => check(other, "ann", signature)).toThrow(expect.objectContaining({ code: "forbidden" }))
  })

  it("is refused from another page, host, ceremony, frame, and without touch or verification", async () => {
    const { ann, original, check, signed } = await makeInstallation()
    const grant = await original()
    const changes: readonly [CeremonyChange, string][] = [
      [{ client: { type: "webauthn.create" } }, "other-ceremony"],
      [{ client: { challenge: "AAAA" } }, "other-challenge"],
      [{ client: { origin: "http://localhost:8081" } }, "other-origin"],
      [{ client: { crossOrigin: true } }, "other-origin"],
      [{ rpId: "nightlight.example" }, "other-rp-id"],
      [{ flags: 0x01 }, "not-verified"],
      [{ flags: 0x04 }, "not-verified"],
    ]
    for (const [change, fault] of changes) {
      const signature = await signed(grant, ann, change)
      expect(() => check(grant, "ann", signature)).toThrow(
        expect.objectContaining({ details: expect.objectContaining({ reason: "signature-wrong", fault }) }),
      )
    }
  })

  it("is refused with another person's passkey, and with one that was never enrolled", async () => {
    const { ann, ben, kim, original, check, signed } = await makeInstallation()
    const grant = await original()
    for (const [person, by] of [
      ["ann", ben],
      ["ben", ann],
      ["kim", kim],
    ] as const) {
      const signature = await signed(grant, by)
      expect(() => check(grant, person, signature)).toThrow(
        expect.objectContaining({ details: expect.objectContaining({ fault: "other-passkey" }) }),
      )
    }
    const assertion = readPasskeySignature(await signed(grant, ben))
    const renamed = toPasskeySignature({ ...assertion!, credentialId: ann.passkey.credentialId })
    expect(() => check(grant, "ann", renamed)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ fault: "signature-wrong" }) }),
    )
  })

  it("is refused whichever character of its signature is changed", async () => {
    const { ann, original, check, signed } = await makeInstallation()
    const grant = await original()
    const signature = await signed(grant, ann)
    fc.assert(
      fc.property(fc.nat(signature.length - 1), fc.constantFrom(..."AZaz09-_.".split("")), (offset, character) => {
        const changed = `${signature.slice(0, offset)}${character}${signature.slice(offset + 1)}`
        fc.pre(changed !== signature)
        expect(() => check(grant, "ann", changed)).toThrow()
      }),
      { numRuns: 300 },
    )
  })
})

describe("a kept key beside a passkey", () => {
  it("signs only viewings of small grey renditions for a person with a passkey", async () => {
    const { ann, original, check } = await makeInstallation()
    const viewing = (await viewingGrant(ann, EVIDENCE)).grant
    expect(check(viewing, "ann", (await proveGrant(viewing, "ann", ann.key.privateKey)).signature).by).toBe("kept-key")
    const filing = (await filingGrant([ann])).grant as FilingGrant
    for (const grant of [await original(), filing]) {
      const { signature } = await proveGrant(grant, "ann", ann.key.privateKey)
      expect(() => check(grant, "ann", signature)).toThrow(
        expect.objectContaining({ details: expect.objectContaining({ reason: "passkey-needed" }) }),
      )
    }
  })

  it("signs nothing for which the configuration requires a passkey, whoever holds it", async () => {
    const { ann, kim, original, check, signed } = await makeInstallation(["derivative", "original"])
    const viewing = (await viewingGrant(ann, EVIDENCE)).grant
    for (const [grant, person] of [
      [viewing, ann],
      [await original(), kim],
    ] as const) {
      const { signature } = await proveGrant(grant, person.id, person.key.privateKey)
      expect(() => check(grant, person.id, signature)).toThrow(
        expect.objectContaining({ details: expect.objectContaining({ reason: "passkey-needed" }) }),
      )
    }
    expect(check(viewing, "ann", await signed(viewing, ann)).by).toBe("passkey")
  })
})

describe("a passkey's counter", () => {
  const at = (minutes: number) => new Date(Date.parse("2026-06-01T12:00:00.000Z") + minutes * 60_000)
  const issued = (minutes: number) => ({ issuedAt: at(minutes).toISOString() })
  const wentBack = expect.objectContaining({ details: expect.objectContaining({ reason: "counter-went-back" }) })

  it("that does not rise above those seen before the grant was made reveals a copy", async () => {
    const { ann, original, check, signed, use } = await makeInstallation()
    const first = await original(issued(0))
    use(first, "ann", await signed(first, ann, { counter: 7 }), at(1))
    for (const counter of [7, 6, 0]) {
      const later = await original(issued(10))
      const signature = await signed(later, ann, { counter })
      expect(() => check(later, "ann", signature)).toThrow(wentBack)
    }
    const later = await original(issued(10))
    expect(check(later, "ann", await signed(later, ann, { counter: 8 })).by).toBe("passkey")
  })

  it("that is under two documents reveals a copy, even if both were made at once", async () => {
    const { ann, original, check, signed, use } = await makeInstallation()
    const [one, two] = [await original(issued(0)), await original(issued(0))]
    use(one, "ann", await signed(one, ann, { counter: 3 }), at(1))
    const signature = await signed(two, ann, { counter: 3 })
    expect(() => check(two, "ann", signature)).toThrow(wentBack)
  })

  it("may come in another order than it was made, as reports wait for their second person", async () => {
    const { ann, original, check, signed, use } = await makeInstallation()
    const [waiting, quick] = [await original(issued(0)), await original(issued(1))]
    const early = await signed(waiting, ann, { counter: 4 })
    use(quick, "ann", await signed(quick, ann, { counter: 5 }), at(2))
    expect(check(waiting, "ann", early).by).toBe("passkey")
    use(waiting, "ann", early, at(600))
    expect(check(waiting, "ann", early).by).toBe("passkey")
  })

  it("of an authenticator that does not count is always 0, and valid", async () => {
    const { ann, original, check, signed, use } = await makeInstallation()
    for (const minutes of [0, 10, 20]) {
      const grant = await original(issued(minutes))
      use(grant, "ann", await signed(grant, ann, { counter: 0 }), at(minutes + 1))
    }
    const grant = await original(issued(30))
    expect(check(grant, "ann", await signed(grant, ann, { counter: 0 })).by).toBe("passkey")
  })
})

describe("the custodian's service with passkeys", () => {
  it("shows an original on two passkeys, says so in its journal, and remembers the counters over a restart", async () => {
    const site = await serveSite()
    const ann = await enrolPasskey(site.socket, "ann", ["senior-reviewer"])
    const ben = await enrolPasskey(site.socket, "ben", ["reviewer"])
    const content = await picture(1)
    const evidence = await site.seal({ evidenceId: "item-1", content })
    const { grant } = await viewingGrant(ann, evidence, { purpose: "original" })
    const proofs = [
      await proveGrant(grant, "ann", ann.passkey.signer({ counter: 5 })),
      await proveGrant(grant, "ben", ben.passkey.signer({ counter: 0 })),
    ]
    expect(await post(site.socket, "/v1/viewings", { grant, proofs })).toMatchObject({ status: 200 })
    expect(await journalOf(site.dir, "grant.used")).toMatchObject([{ data: { by: ["passkey", "passkey"] } }])
    expect(await journalOf(site.dir, "passkey.used")).toMatchObject([
      { actor: "ann", data: { counter: 5 } },
      { actor: "ben", data: { counter: 0 } },
    ])

    await site.restart()
    const { grant: next } = await viewingGrant(ann, evidence)
    const copy = { grant: next, proofs: [await proveGrant(next, "ann", ann.passkey.signer({ counter: 5 }))] }
    expect(await post(site.socket, "/v1/viewings", copy)).toMatchObject({
      status: 403,
      body: { reason: "counter-went-back" },
    })
    expect(await refusalsOf(site.dir)).toEqual(["counter-went-back"])
  })

  it("accepts an attestation of a person with a passkey only from the passkey", async () => {
    const site = await serveSite()
    const ann = await enrolPasskey(site.socket, "ann", ["senior-reviewer"])
    const kim = await enrol(site.socket, "kim", ["reviewer"])
    const content = await picture(1)
    const evidence = await site.seal({ evidenceId: "item-1", content })
    const { grant } = await viewingGrant(ann, evidence, { purpose: "original" })
    const proofs = [
      await proveGrant(grant, "ann", ann.passkey.signer()),
      await proveGrant(grant, "kim", kim.key.privateKey),
    ]
    expect(await post(site.socket, "/v1/viewings", { grant, proofs })).toMatchObject({ status: 200 })
    expect(await journalOf(site.dir, "grant.used")).toMatchObject([{ data: { by: ["passkey", "kept-key"] } }])
    const attestation = {
      format: "nightlight-attestation/1" as const,
      grantId: grant.grantId,
      person: "ann",
      evidence,
      contentSha256: sha256(content),
      viewedWhole: true as const,
      exifViewed: false,
      at: new Date().toISOString(),
    }
    const say = async (key: Parameters<typeof signAttestation>[1]) =>
      post(site.socket, "/v1/attestations", { attestation, signature: await signAttestation(attestation, key) })
    expect(await say(ann.key.privateKey)).toMatchObject({ status: 403, body: { reason: "passkey-needed" } })
    expect(await say(ann.passkey.signer())).toMatchObject({ status: 204 })
    expect(await journalOf(site.dir, "attestation.made")).toMatchObject([{ data: { by: "passkey" } }])
  })

  it("enrols a passkey for the code alone: one that was exchanged or added on the way is refused", async () => {
    const { socket } = await serveSite()
    const client = createCustodianClient(socket)
    const { code } = await client.invite(PASSPHRASE, "ann", ["reviewer"])
    const { key } = await makePerson("ann")
    const [own, foreign] = [new SoftAuthenticator(), new SoftAuthenticator()].map(({ credentialId, publicKey }) => ({
      credentialId,
      publicKey,
    }))
    const complete = (body: object) => post(socket, "/v1/enrolments/complete", { person: "ann", ...body })
    const wrong = { status: 403, body: { reason: "code-wrong" } }
    const { publicKey } = key
    const proof = await enrolmentProof(code, "ann", publicKey, own)
    expect(await complete({ publicKey, passkey: foreign, proof })).toMatchObject(wrong)
    expect(
      await complete({ publicKey, passkey: { ...own, credentialId: foreign!.credentialId }, proof }),
    ).toMatchObject(wrong)
    expect(await complete({ publicKey, proof })).toMatchObject(wrong)
    const plain = await enrolmentProof(code, "ann", publicKey)
    expect(await complete({ publicKey, passkey: own, proof: plain })).toMatchObject(wrong)
    expect(await complete({ publicKey, passkey: own, proof })).toMatchObject({ status: 200 })
    expect((await client.enrolments()).people).toMatchObject([
      { person: "ann", passkey: { credentialId: own!.credentialId } },
    ])
  })

  it("enrols no key or passkey that belongs to another person, revoked or not", async () => {
    const { socket } = await serveSite()
    const client = createCustodianClient(socket)
    const ann = await enrolPasskey(socket, "ann", ["reviewer"])
    const bring = async (publicKey: string, { credentialId, publicKey: point }: SoftAuthenticator) => {
      const { code } = await client.invite(PASSPHRASE, "ben", ["reviewer"])
      const passkey = { credentialId, publicKey: point }
      const proof = await enrolmentProof(code, "ben", publicKey, passkey)
      return post(socket, "/v1/enrolments/complete", { person: "ben", publicKey, passkey, proof })
    }
    const own = (await makePerson("ben")).key.publicKey
    const taken = { status: 403, body: { reason: "key-taken" } }
    expect(await bring(own, ann.passkey)).toMatchObject(taken)
    expect(await bring(ann.key.publicKey, new SoftAuthenticator())).toMatchObject(taken)
    expect(await bring(ann.passkey.publicKey, new SoftAuthenticator())).toMatchObject(taken)
    await client.revoke(PASSPHRASE, "ann")
    expect(await bring(own, ann.passkey)).toMatchObject(taken)
    expect(await bring(own, new SoftAuthenticator())).toMatchObject({ status: 200 })
  })

  it("enrols no key or passkey that was another person's before theirs was replaced, also over a restart", async () => {
    const { socket, restart } = await serveSite()
    const client = createCustodianClient(socket)
    const before = await enrolPasskey(socket, "ann", ["reviewer"])
    await enrolPasskey(socket, "ann", ["reviewer"])
    await restart()
    const bring = async (person: string, publicKey: string, point: string) => {
      const { code } = await client.invite(PASSPHRASE, person, ["reviewer"])
      const passkey = { credentialId: new SoftAuthenticator().credentialId, publicKey: point }
      const proof = await enrolmentProof(code, person, publicKey, passkey)
      return post(socket, "/v1/enrolments/complete", { person, publicKey, passkey, proof })
    }
    const own = (await makePerson("ben")).key.publicKey
    const other = new SoftAuthenticator().publicKey
    const taken = { status: 403, body: { reason: "key-taken" } }
    expect(await bring("ben", before.key.publicKey, other)).toMatchObject(taken)
    expect(await bring("ben", own, before.passkey.publicKey)).toMatchObject(taken)
    expect(await bring("ben", before.passkey.publicKey, other)).toMatchObject(taken)
    expect(await bring("ben", own, before.key.publicKey)).toMatchObject(taken)
    expect(await bring("ann", before.key.publicKey, before.passkey.publicKey)).toMatchObject({ status: 200 })
    expect(await bring("ben", own, other)).toMatchObject({ status: 200 })
  })

  it("says in its state where passkeys are used and what needs one, and takes no configuration that browsers refuse", async () => {
    const { parseConfig } = await import("../src/config.ts")
    const text = (passkeys: object) => JSON.stringify({ version: 1, evidence: "e", recipient: "age1x", passkeys })
    for (const passkeys of [
      { rpId: "127.0.0.1" },
      { rpId: "nightlight.example" },
      { rpId: "nightlight.example", origins: ["http://nightlight.example"] },
      { rpId: "nightlight.example", origins: ["https://nightlight.example.evil.example"] },
      { rpId: "nightlight.example", origins: ["https://evilnightlight.example"] },
      { rpId: "nightlight.example", origins: ["https://nightlight.example/"] },
      { require: ["everything"] },
    ]) {
      expect(() => parseConfig(text(passkeys))).toThrow(expect.objectContaining({ code: "config_invalid" }))
    }
    const passkeys = {
      rpId: "nightlight.example",
      origins: ["https://console.nightlight.example", "https://nightlight.example:8443"],
      require: ["filing"],
    }
    const { socket } = await serveSite({ config: { passkeys } })
    expect(await createCustodianClient(socket).state()).toMatchObject({ passkeys })
  })
})
