import { randomBytes } from "node:crypto"
import { type CeremonyChange, SoftAuthenticator } from "@nightlight/dev-env/simulators/authenticator"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readRegistration } from "../../src/webauthn.ts"

const RULES = { party: { rpId: "localhost", origins: [] }, challenge: randomBytes(32) }

function register(change: CeremonyChange = {}) {
  const passkey = new SoftAuthenticator()
  return { passkey, read: readRegistration(passkey.create(RULES.challenge, change), RULES) }
}

describe("the registration of a passkey", () => {
  it("gives its id and its public key", () => {
    const { passkey, read } = register()
    expect(read).toEqual({ credentialId: passkey.credentialId, publicKey: passkey.publicKey, counter: 0 })
  })

  it.each<[string, CeremonyChange, string]>([
    ["an assertion", { client: { type: "webauthn.get" } }, "other-ceremony"],
    ["over another challenge", { client: { challenge: "AAAA" } }, "other-challenge"],
    ["of another page", { client: { origin: "https://evil.example" } }, "other-origin"],
    ["for another host", { rpId: "evil.example" }, "other-rp-id"],
    ["by somebody who was not verified", { flags: 0x41 }, "not-verified"],
    ["without a credential", { flags: 0x05 }, "malformed"],
    ["with extensions", { flags: 0xc5 }, "malformed"],
    ["cut short", { tail: randomBytes(40) }, "malformed"],
  ])("%s is refused", (_what, change, fault) => {
    expect(register(change).read).toEqual({ fault })
  })

  it("of a key that is not one of ES256 on P-256 is refused, and breaks nothing", () => {
    const passkey = new SoftAuthenticator()
    const given = passkey.create(RULES.challenge)
    const from = given.authenticatorData.length - 77
    fc.assert(
      fc.property(fc.integer({ min: from, max: from + 76 }), fc.integer({ min: 1, max: 255 }), (offset, flip) => {
        const authenticatorData = Buffer.from(given.authenticatorData)
        authenticatorData[offset] = (authenticatorData[offset] ?? 0) ^ flip
        expect(readRegistration({ ...given, authenticatorData }, RULES)).toEqual({ fault: "malformed" })
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
        const { read } = register({ tail: Buffer.from(tail) })
        expect(read).toHaveProperty("fault")
      }),
    )
  })
})
