import { randomBytes } from "node:crypto"
import { type CeremonyChange, SoftAuthenticator } from "@nightlight/dev-env/simulators/authenticator"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { checkAssertion, type RelyingParty } from "../../src/webauthn.ts"

const PARTY: RelyingParty = { rpId: "nightlight.example", origins: ["https://nightlight.example"] }
const CHALLENGE = randomBytes(32)

function makePasskey() {
  return new SoftAuthenticator({ rpId: PARTY.rpId, origin: "https://nightlight.example" })
}

function check(passkey: SoftAuthenticator, change: CeremonyChange = {}, party = PARTY) {
  return checkAssertion(passkey.get(CHALLENGE, change), { party, challenge: CHALLENGE, publicKey: passkey.publicKey })
}

describe("an assertion of a passkey", () => {
  it("is believed with its counter when a verified person made it for this page, host and challenge", () => {
    const passkey = makePasskey()
    expect(check(passkey)).toEqual({ counter: 1 })
    expect(check(passkey, { flags: 0x1d, counter: 0 })).toEqual({ counter: 0 })
  })

  it.each<[string, CeremonyChange, string]>([
    ["a registration", { client: { type: "webauthn.create" } }, "other-ceremony"],
    ["a payment", { client: { type: "payment.get" } }, "other-ceremony"],
    ["over another challenge", { client: { challenge: randomBytes(32).toString("base64url") } }, "other-challenge"],
    [
      "over the beginning of the challenge",
      { client: { challenge: CHALLENGE.subarray(0, 16).toString("base64url") } },
      "other-challenge",
    ],
    ["over no challenge", { client: { challenge: "" } }, "other-challenge"],
    ["of another host's page", { client: { origin: "https://nightlight.example.evil.example" } }, "other-origin"],
    ["of a page without TLS", { client: { origin: "http://nightlight.example" } }, "other-origin"],
    ["of another port's page", { client: { origin: "https://nightlight.example:8443" } }, "other-origin"],
    ["of a page in upper case", { client: { origin: "https://NIGHTLIGHT.example" } }, "other-origin"],
    ["of several origins", { client: { origin: ["https://nightlight.example"] } }, "other-origin"],
    ["of a frame in another site", { client: { crossOrigin: true } }, "other-origin"],
    ["of a frame that says no by a text", { client: { crossOrigin: "false" } }, "other-origin"],
    ["of a frame below another page", { client: { topOrigin: "https://evil.example" } }, "other-origin"],
    ["for another host", { rpId: "example" }, "other-rp-id"],
    ["that nobody touched", { flags: 0x04 }, "not-verified"],
    ["touched by somebody who was not verified", { flags: 0x01 }, "not-verified"],
    ["with neither", { flags: 0x00 }, "not-verified"],
    ["copied though it cannot be", { flags: 0x15 }, "malformed"],
    ["with a credential in it", { flags: 0x45 }, "malformed"],
    ["with extensions", { flags: 0x85, tail: Buffer.from("a0", "hex") }, "malformed"],
    ["with bytes at its end", { tail: Buffer.from([0]) }, "malformed"],
  ])("%s is refused", (_what, change, fault) => {
    expect(check(makePasskey(), change)).toEqual({ fault })
  })

  it("of another passkey is refused", () => {
    const passkey = makePasskey()
    const rules = { party: PARTY, challenge: CHALLENGE, publicKey: makePasskey().publicKey }
    expect(checkAssertion(passkey.get(CHALLENGE), rules)).toEqual({ fault: "signature-wrong" })
  })

  it("is refused whichever byte of it is changed", () => {
    const passkey = makePasskey()
    const rules = { party: PARTY, challenge: CHALLENGE, publicKey: passkey.publicKey }
    const members = ["authenticatorData", "clientData", "signature"] as const
    fc.assert(
      fc.property(
        fc.constantFrom(...members),
        fc.nat(1000),
        fc.integer({ min: 1, max: 255 }),
        (member, index, flip) => {
          const given = passkey.get(CHALLENGE)
          const bytes = given[member]
          bytes[index % bytes.length] = (bytes[index % bytes.length] ?? 0) ^ flip
          expect(checkAssertion(given, rules)).toHaveProperty("fault")
        },
      ),
      { numRuns: 400 },
    )
  })

  it("is refused and breaks nothing whatever bytes it is of", () => {
    const passkey = makePasskey()
    const rules = { party: PARTY, challenge: CHALLENGE, publicKey: passkey.publicKey }
    const bytes = fc.uint8Array({ maxLength: 200 })
    fc.assert(
      fc.property(
        bytes,
        bytes,
        bytes,
        fc.constantFrom("[]", "null", "1", '"x"', "{"),
        (data, client, signature, text) => {
          const honest = passkey.get(CHALLENGE)
          const given = { authenticatorData: data, clientData: client, signature }
          expect(checkAssertion(given, rules)).toHaveProperty("fault")
          expect(checkAssertion({ ...honest, authenticatorData: data }, rules)).toHaveProperty("fault")
          expect(checkAssertion({ ...honest, clientData: Buffer.from(text) }, rules)).toHaveProperty("fault")
          expect(checkAssertion({ ...honest, signature }, rules)).toHaveProperty("fault")
        },
      ),
      { numRuns: 200 },
    )
  })

  it("is refused when its signature is written in another way than DER allows", () => {
    const passkey = makePasskey()
    const rules = { party: PARTY, challenge: CHALLENGE, publicKey: passkey.publicKey }
    const given = passkey.get(CHALLENGE)
    const der = given.signature
    const rLength = der[3] ?? 0
    const r = der.subarray(4, 4 + rLength)
    const s = der.subarray(6 + rLength)
    const fixed = (part: Buffer) => Buffer.concat([Buffer.alloc(32), part]).subarray(-32)
    const integer = (part: Buffer) => Buffer.concat([Buffer.from([2, part.length]), part])
    const sequence = (...parts: Buffer[]) => {
      const body = Buffer.concat(parts)
      return Buffer.concat([Buffer.from([0x30, body.length]), body])
    }
    const zero = Buffer.from([0])
    const odd = [
      Buffer.concat([fixed(r), fixed(s)]),
      Buffer.concat([der, zero]),
      sequence(integer(Buffer.concat([zero, zero, r])), integer(s)),
      sequence(integer(s), integer(r)),
      sequence(integer(zero), integer(zero)),
      sequence(integer(r), integer(s), integer(zero)),
      Buffer.concat([Buffer.from([0x30, 0x81, der.length - 2]), der.subarray(2)]),
      Buffer.concat([Buffer.from([0x30, 0x80]), der.subarray(2), zero, zero]),
      der.subarray(0, -1),
      Buffer.alloc(0),
    ]
    expect(checkAssertion(given, rules)).toEqual({ counter: 1 })
    for (const signature of odd) {
      expect(checkAssertion({ ...given, signature }, rules)).toEqual({ fault: "signature-wrong" })
    }
  })

  it("is for loopback's host name on any port, and no other, where no origin is given", () => {
    const passkey = new SoftAuthenticator()
    const loopback = { rpId: "localhost", origins: [] }
    const from = (origin: string) => check(passkey, { client: { origin } }, loopback)
    expect(from("http://localhost")).toHaveProperty("counter")
    expect(from("http://localhost:18080")).toHaveProperty("counter")
    for (const origin of [
      "http://127.0.0.1:8080",
      "https://localhost.evil.example",
      "http://localhost.evil.example",
      "http://localhost:8080/",
      "http://localhost:8080\n",
      "http://x@localhost:8080",
      "null",
    ]) {
      expect(from(origin)).toEqual({ fault: "other-origin" })
    }
  })
})

// Of WebAuthn Level 3, section 16, "ES256 Credential with No Attestation": present, copied to other devices, not verified.
const VECTOR = {
  publicKey: `04${"afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61"}${"930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220"}`,
  challenge: "39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408",
  authenticatorData: "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000",
  clientData:
    "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224f63446e55685158756c5455506f334a5558543049393770767a7a59425039745a63685879617630314167222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73657d",
  signature:
    "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87",
}

describe("the specification's own vector of ES256", () => {
  const hex = (text: string) => Buffer.from(text, "hex")
  const given = {
    authenticatorData: hex(VECTOR.authenticatorData),
    clientData: hex(VECTOR.clientData),
    signature: hex(VECTOR.signature),
  }
  const rules = {
    party: { rpId: "example.org", origins: ["https://example.org"] },
    challenge: hex(VECTOR.challenge),
    publicKey: hex(VECTOR.publicKey).toString("base64url"),
  }

  it("has a good signature, and is refused because nobody was verified", () => {
    expect(checkAssertion(given, rules)).toEqual({ fault: "not-verified" })
  })

  it("has a wrong signature when a bit of it is turned", () => {
    const signature = Buffer.from(given.signature)
    signature[40] = (signature[40] ?? 0) ^ 1
    expect(checkAssertion({ ...given, signature }, rules)).toEqual({ fault: "signature-wrong" })
  })
})
