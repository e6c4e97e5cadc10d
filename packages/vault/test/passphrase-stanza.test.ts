import { Decrypter, Encrypter } from "age-encryption"
import { describe, expect, it } from "vitest"
import { passphraseIdentity, passphraseRecipient } from "../src/keys/passphrase-stanza.ts"

const text = "some text"

describe("age's passphrase recipient", () => {
  it("opens what another implementation sealed", async () => {
    const encrypter = new Encrypter()
    encrypter.setScryptWorkFactor(10)
    encrypter.setPassphrase("grüße an alle")
    const decrypter = new Decrypter()
    decrypter.addIdentity(passphraseIdentity("grüße an alle"))
    expect(await decrypter.decrypt(await encrypter.encrypt(text), "text")).toBe(text)
  })

  it("seals what another implementation opens", async () => {
    const encrypter = new Encrypter()
    encrypter.addRecipient(passphraseRecipient("correct horse", 10))
    const decrypter = new Decrypter()
    decrypter.addPassphrase("correct horse")
    expect(await decrypter.decrypt(await encrypter.encrypt(text), "text")).toBe(text)
  })

  it("does not open with another passphrase", async () => {
    const stanzas = await passphraseRecipient("correct horse", 4).wrapFileKey(new Uint8Array(16))
    expect(await passphraseIdentity("wrong horse").unwrapFileKey(stanzas)).toBeNull()
  })

  it.each(["0", "21", "1e1", "-3", ""])("refuses a work factor of %j before doing any work", async (factor) => {
    const [stanza] = await passphraseRecipient("correct horse", 4).wrapFileKey(new Uint8Array(16))
    if (stanza === undefined) throw new Error("expected a stanza")
    stanza.args[2] = factor
    await expect(passphraseIdentity("correct horse").unwrapFileKey([stanza])).rejects.toThrow("invalid scrypt stanza")
  })
})
