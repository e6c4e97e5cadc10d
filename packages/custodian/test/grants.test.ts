import { type Grant, proveGrant } from "@nightlight/contract/custodian"
import { filingGrant } from "@nightlight/dev-env/custodian/filing"
import { makePerson, type Person, prove, viewingGrant } from "@nightlight/dev-env/custodian/people"
import fc from "fast-check"
import { expect, it } from "vitest"
import { verifyGrant } from "../src/grants/verify.ts"
import { PasskeyBook } from "../src/people/passkey-book.ts"
import { createSignatures } from "../src/people/signatures.ts"

const enrolledAt = "2026-01-01T00:00:00.000Z"
const EVIDENCE = { evidenceId: "item-1", ciphertextSha256: "a".repeat(64) }

async function makeInstallation() {
  const ann = await makePerson("ann")
  const sue = await makePerson("sue")
  const people = new Map([ann, sue].map((person) => [person.id, person]))
  const find = (id: string) => {
    const person = people.get(id)
    const roles = ["reviewer" as const, "senior-reviewer" as const, "reporter" as const]
    return person === undefined ? undefined : { person: id, publicKey: person.key.publicKey, roles, enrolledAt }
  }
  const party = { rpId: "localhost", origins: [] }
  const signatures = createSignatures({ party, require: [], people: { find }, book: new PasskeyBook() })
  const rules = {
    findPerson: find,
    signatures,
    now: new Date(),
    singlePersonFiling: false,
    assertAuthorised: () => undefined,
  }
  const proven = [
    await prove((await viewingGrant(ann, EVIDENCE)).grant, ann),
    await prove((await viewingGrant(ann, EVIDENCE, { purpose: "original" })).grant, ann, sue),
    await filingGrant([ann, sue], { files: [{ evidence: EVIDENCE, details: {} }] }),
  ]
  return { ann, sue, rules, proven }
}

/** Every path to a text, a number or a boolean in a value. */
function placesIn(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [path]
  return Object.entries(value).flatMap(([key, member]) => placesIn(member, [...path, key]))
}

function withChange(value: unknown, [key, ...rest]: readonly (string | number)[], change: (old: unknown) => unknown) {
  if (key === undefined) return change(value)
  const copy = structuredClone(value) as Record<string | number, unknown>
  copy[key] = withChange(copy[key], rest, change)
  return copy
}

it("whatever is changed of a proven grant, it is refused", async () => {
  const { rules, proven } = await makeInstallation()
  for (const one of proven) expect(() => verifyGrant(one, rules)).not.toThrow()
  const places = proven.flatMap((one) => placesIn(one.grant).map((path) => ({ one, path })))
  const alter = (old: unknown, salt: string) => (typeof old === "boolean" ? !old : `${String(old)}${salt}`)
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.string({ minLength: 1 }), ({ one, path }, salt) => {
      const grant = withChange(one.grant, path, (old) => alter(old, salt)) as Grant
      expect(() => verifyGrant({ ...one, grant }, rules)).toThrow()
    }),
    { numRuns: 300 },
  )
})

it("whatever is changed of a signature, it is refused", async () => {
  const { rules, proven } = await makeInstallation()
  fc.assert(
    fc.property(fc.constantFrom(...proven), fc.nat(63), fc.integer({ min: 1, max: 255 }), (one, index, flip) => {
      const [first, ...others] = one.proofs
      const bytes = Buffer.from(first?.signature ?? "", "base64url")
      bytes[index] = (bytes[index] ?? 0) ^ flip
      const proofs = [{ person: first?.person ?? "", signature: bytes.toString("base64url") }, ...others]
      expect(() => verifyGrant({ ...one, proofs }, rules)).toThrow()
    }),
    { numRuns: 200 },
  )
})

it("a proof by another person or for another grant is refused", async () => {
  const { ann, sue, rules, proven } = await makeInstallation()
  const [viewing] = proven
  const other = await proveGrant((await viewingGrant(ann, EVIDENCE)).grant, "ann", ann.key.privateKey)
  const asAnn = async (person: Person) => proveGrant(viewing!.grant, "ann", person.key.privateKey)
  for (const proof of [other, await asAnn(sue)]) {
    expect(() => verifyGrant({ grant: viewing!.grant, proofs: [proof] }, rules)).toThrow()
  }
  expect(() => verifyGrant({ grant: viewing!.grant, proofs: [] }, rules)).toThrow()
})

it("two people's proofs are refused if they have a key in common, kept or in a passkey, in any notation", async () => {
  const { ann, rules, proven } = await makeInstallation()
  const original = proven.find(({ grant }) => grant.purpose === "original")
  const filing = proven.find(({ grant }) => grant.purpose === "filing")
  const key = ann.key.publicKey
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
  const spare = ALPHABET[ALPHABET.indexOf(key.at(-1) ?? "") + 1]
  const twice = await prove(original!.grant, ann, { id: "sue", key: ann.key })
  const filedTwice = await prove(filing!.grant, ann, { id: "sue", key: ann.key })
  for (const publicKey of [key, `${key.slice(0, -1)}${spare}`]) {
    const findPerson = (id: string) => {
      const found = rules.findPerson(id)
      return found === undefined || id === "ann" ? found : { ...found, publicKey }
    }
    const party = { rpId: "localhost", origins: [] }
    const signatures = createSignatures({ party, require: [], people: { find: findPerson }, book: new PasskeyBook() })
    for (const one of [twice, filedTwice]) {
      expect(() => verifyGrant(one, { ...rules, findPerson, signatures })).toThrow(
        expect.objectContaining({ details: expect.objectContaining({ reason: "key-taken" }) }),
      )
    }
  }
  const findPerson = (id: string) => {
    const found = rules.findPerson(id)
    const passkey = { credentialId: "AAAAAAAAAAAAAAAAAAAAAA", publicKey: key }
    return found === undefined || id === "ann" ? found : { ...found, passkey }
  }
  expect(() => verifyGrant(original!, { ...rules, findPerson })).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ reason: "key-taken" }) }),
  )
})
