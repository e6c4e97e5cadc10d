import { execFileSync } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { chmod, copyFile, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { checkDocument, signDocument } from "@nightlight/durable"
import { armor, Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  assertRecipient,
  createDigestKey,
  createSigningKey,
  generateIdentity,
  isRecipient,
  openKeyedDigest,
  openSigner,
  openVerifier,
  protectIdentity,
  publicKeyPath,
  recipientOf,
  unlockIdentity,
} from "../src/index.ts"
import { makeSigningKey, tempDir } from "./support/workspace.ts"

/** Fast enough for a test; what users get is checked once. */
const quick = { workFactor: 4 }

describe("an identity under a passphrase", () => {
  it("comes back with its passphrase and no other, whatever the passphrase", async () => {
    const identity = await generateIdentity()
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, unit: "grapheme" }), async (passphrase) => {
        const armored = await protectIdentity(identity, passphrase, quick)
        expect(armored).not.toContain(identity)
        expect(await unlockIdentity(armored, passphrase)).toBe(identity)
        await expect(unlockIdentity(armored, `${passphrase}x`)).rejects.toMatchObject({ code: "passphrase_wrong" })
      }),
      { numRuns: 10 },
    )
  })

  it("is protected by a second of work unless told otherwise, in a file that the age tool reads", async () => {
    const armored = await protectIdentity(await generateIdentity(), "moonlight")
    expect(armored.startsWith("-----BEGIN AGE ENCRYPTED FILE-----\n")).toBe(true)
    const head = Buffer.from(armor.decode(armored)).toString("latin1")
    expect(head).toMatch(/^age-encryption\.org\/v1\n-> scrypt \S+ 18\n/)
  })

  it("never opens after a bit of it flipped", async () => {
    const armored = await protectIdentity(await generateIdentity(), "moonlight", quick)
    await fc.assert(
      fc.asyncProperty(fc.nat(armored.length - 1), fc.nat(6), async (offset, bit) => {
        const flipped = Buffer.from(armored)
        flipped[offset]! ^= 1 << bit
        const text = flipped.toString("latin1")
        // Line ends may change: armor allows it.
        fc.pre(text.replaceAll(/\s+/g, "") !== armored.replaceAll(/\s+/g, ""))
        // Asks for up to 2^20 in earnest: minutes of work that prove nothing here.
        fc.pre(/ 4\n/.test(Buffer.from(tryDecode(text)).subarray(0, 64).toString("latin1")))
        const failure: unknown = await unlockIdentity(text, "moonlight").catch((error: unknown) => error)
        expect(["passphrase_wrong", "key_malformed"]).toContain((failure as { code?: unknown }).code)
      }),
      { numRuns: 100 },
    )
  })

  it("is refused where the file is something else, or holds something else", async () => {
    const sealTo = new Encrypter()
    sealTo.addRecipient(await recipientOf(await generateIdentity()))
    const under = new Encrypter()
    under.setScryptWorkFactor(4)
    under.setPassphrase("moonlight")
    const files = [
      "",
      "AGE-SECRET-KEY-1",
      armor.encode(await sealTo.encrypt("text")),
      armor.encode(await under.encrypt("not a key")),
      armor.encode(await under.encrypt(await generateHybridIdentity())),
      armor.encode(await under.encrypt(`${await generateIdentity()}\n${await generateIdentity()}\n`)),
    ]
    for (const file of files) {
      await expect(unlockIdentity(file, "moonlight")).rejects.toMatchObject({ code: "key_malformed" })
    }
    await expect(protectIdentity("AGE-SECRET-KEY-1XX", "moonlight")).rejects.toMatchObject({ code: "key_malformed" })
    await expect(protectIdentity(await generateIdentity(), "")).rejects.toMatchObject({ code: "passphrase_missing" })
  })
})

describe("a recipient", () => {
  it("is an X25519 public key with a right checksum", async () => {
    const recipient = await recipientOf(await generateIdentity())
    expect(isRecipient(recipient)).toBe(true)
    expect(assertRecipient(recipient)).toBe(recipient)
    fc.assert(
      fc.property(
        fc.nat(recipient.length - 1),
        fc.constantFrom(...Array.from("qpzry9x8gf2tvdw0s3jn54khce6mua7l")),
        (offset, letter) => {
          fc.pre(recipient[offset] !== letter)
          expect(isRecipient(recipient.slice(0, offset) + letter + recipient.slice(offset + 1))).toBe(false)
        },
      ),
    )
  })

  it("is what the age library takes, whatever is wrong with it", async () => {
    const recipient = await recipientOf(await generateIdentity())
    const takes = (text: string) => {
      try {
        new Encrypter().addRecipient(text)
        return true
      } catch {
        return false
      }
    }
    const cut = fc.nat(recipient.length).map((offset) => recipient.slice(0, offset))
    const swapped = fc.nat(recipient.length - 2).map((offset) => {
      const [before, one = "", other = ""] = [recipient.slice(0, offset), recipient[offset], recipient[offset + 1]]
      return before + other + one + recipient.slice(offset + 2)
    })
    // Its checksum is right, but the bits behind the key are not zero.
    const padded = fc.constant("age1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qur3czx78h")
    fc.assert(
      fc.property(fc.oneof(cut, swapped, padded, fc.constant(recipient)), (text) => {
        expect(isRecipient(text)).toBe(text.length === recipient.length && takes(text))
      }),
    )
  })

  it("says which kind of key it was given instead, without repeating it", async () => {
    const hybrid = await generateHybridIdentity()
    const identity = await generateIdentity()
    const recipient = await recipientOf(identity)
    const cases: [string, RegExp][] = [
      [await identityToRecipient(hybrid), /post-quantum/],
      [identity, /secret key/],
      [hybrid, /secret key/],
      ["age1tag1qqqq", /hardware tag/],
      ["age1yubikey1qqqqqq", /plug-in/],
      ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", /SSH/],
      [recipient.slice(0, -1), /cut short or mistyped/],
      [recipient.toUpperCase(), /does not start/],
      [` ${recipient}`, /does not start/],
      ["", /does not start/],
    ]
    for (const [text, reason] of cases) {
      expect(isRecipient(text)).toBe(false)
      let message = ""
      try {
        assertRecipient(text)
      } catch (error) {
        expect(error).toMatchObject({ code: "key_malformed" })
        message = (error as Error).message
      }
      expect(message).toMatch(reason)
      if (text.length > 20) expect(message).not.toContain(text.slice(0, 20))
    }
  })
})

describe("a workspace's signing key", () => {
  it("signs what its public half, and no other, verifies", async () => {
    const [one, two] = [await makeSigningKey(), await makeSigningKey()]
    expect(one.signer.keyId).toMatch(/^[0-9a-f]{16}$/)
    expect(one.verifier.keyId).toBe(one.signer.keyId)
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(63), (bytes, index) => {
        const signature = one.signer.sign(bytes)
        expect(signature).toHaveLength(64)
        expect(one.verifier.verify(bytes, signature)).toBe(true)
        expect(two.verifier.verify(bytes, signature)).toBe(false)
        expect(one.verifier.verify(bytes.subarray(1), signature)).toBe(false)
        expect(one.verifier.verify(bytes, signature.with(index, signature[index]! ^ 1))).toBe(false)
        expect(one.verifier.verify(bytes, signature.subarray(0, 63))).toBe(false)
      }),
    )
  })

  it("is readable by its owner alone, never overwritten, and made whole after an interruption", async () => {
    const path = join(await tempDir(), "signing.pem")
    await writeFile(publicKeyPath(path), "left by a killed process")
    const keyId = await createSigningKey(path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const before = await readFile(path)
    await expect(createSigningKey(path)).rejects.toMatchObject({ code: "state_conflict" })
    expect(await readFile(path)).toEqual(before)
    expect((await openVerifier(publicKeyPath(path))).keyId).toBe(keyId)
    expect((await openSigner(path)).keyId).toBe(keyId)
  })

  it("is one with its public half where several are made at once", async () => {
    const path = join(await tempDir(), "signing.pem")
    const made = await Promise.allSettled(Array.from({ length: 8 }, () => createSigningKey(path)))
    const ids = made.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))
    expect(ids).toEqual([(await openSigner(path)).keyId])
    expect((await openVerifier(publicKeyPath(path))).keyId).toBe(ids[0])
  })

  it("is refused when others may read it, and its public half when others may change it", async () => {
    const { keyPath } = await makeSigningKey()
    for (const mode of [0o640, 0o604, 0o660]) {
      await chmod(keyPath, mode)
      await expect(openSigner(keyPath)).rejects.toMatchObject({ code: "key_unusable" })
    }
    await openVerifier(publicKeyPath(keyPath))
    await chmod(publicKeyPath(keyPath), 0o664)
    await expect(openVerifier(publicKeyPath(keyPath))).rejects.toMatchObject({ code: "key_unusable" })
  })

  it("is refused when it is missing, something else, or the wrong half", async () => {
    const { keyPath } = await makeSigningKey()
    const dir = await tempDir()
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 })
    const write = async (name: string, text: string): Promise<string> => {
      await writeFile(join(dir, name), text, { mode: 0o600 })
      return join(dir, name)
    }
    const notSigners = [
      join(dir, "missing"),
      dir,
      await write("text", "canary"),
      await write("rsa", rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
      await write("long", "x".repeat(100_000)),
    ]
    for (const path of notSigners) await expect(openSigner(path)).rejects.toMatchObject({ code: "key_unusable" })
    const notVerifiers = [
      join(dir, "missing"),
      keyPath,
      await write("rsa.pub", rsa.publicKey.export({ type: "spki", format: "pem" }).toString()),
    ]
    for (const path of notVerifiers) await expect(openVerifier(path)).rejects.toMatchObject({ code: "key_unusable" })
  })

  it("is a key that OpenSSL reads", async () => {
    const { keyPath } = await makeSigningKey()
    const path = join(await tempDir(), "copy.pem")
    await copyFile(keyPath, path)
    let text: string
    try {
      text = execFileSync("openssl", ["pkey", "-in", path, "-noout", "-text"], { encoding: "utf8" })
    } catch {
      return // No openssl here.
    }
    expect(text).toContain("ED25519")
  })

  it("signs a document of one format for no other, and no document twice alike but the same", async () => {
    const { signer, verifier } = await makeSigningKey()
    const signed = signDocument({ format: "a/1", n: 1, left: undefined }, signer)
    expect(checkDocument(JSON.parse(JSON.stringify(signed)), "a/1", verifier)).toEqual(signed)
    expect(signDocument({ n: 1, format: "a/1" }, signer).signature).toBe(signed.signature)
    const others = [
      { ...signed, n: 2 },
      { ...signed, more: 1 },
      { ...signed, signature: "" },
      { ...signed, keyId: "" },
    ]
    for (const other of [...others, null, [], "text", 1]) expect(checkDocument(other, "a/1", verifier)).toBeUndefined()
    expect(checkDocument({ ...signed, format: "b/1" }, "b/1", verifier)).toBeUndefined()
    const deep = JSON.parse(`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`) as object
    expect(checkDocument({ ...signed, deep }, "a/1", verifier)).toBeUndefined()
  })
})

describe("a workspace's digest key", () => {
  it("gives one digest for a purpose and value, and another for any other pair or workspace", async () => {
    const paths = [join(await tempDir(), "digest.key"), join(await tempDir(), "digest.key")]
    for (const path of paths) await createDigestKey(path)
    const [one, two] = await Promise.all(paths.map(openKeyedDigest))
    const again = await openKeyedDigest(paths[0]!)
    const text = fc.string({ unit: "binary" })
    fc.assert(
      fc.property(text, text, text, text, (p, v, q, w) => {
        expect(one!.of(p, v)).toMatch(/^[0-9a-f]{64}$/)
        expect(again.of(p, v)).toBe(one!.of(p, v))
        expect(two!.of(p, v)).not.toBe(one!.of(p, v))
        expect(one!.of(p, v) === one!.of(q, w)).toBe(p === q && v === w)
      }),
    )
    expect(one!.of("a", "bc")).not.toBe(one!.of("ab", "c"))
  })

  it("is refused when it is open to others or malformed, and never overwritten", async () => {
    const path = join(await tempDir(), "digest.key")
    await createDigestKey(path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await expect(createDigestKey(path)).rejects.toMatchObject({ code: "state_conflict" })
    await chmod(path, 0o644)
    await expect(openKeyedDigest(path)).rejects.toMatchObject({ code: "key_unusable" })
    await chmod(path, 0o600)
    await writeFile(path, "nightlight-digest-key-1 00\n")
    await expect(openKeyedDigest(path)).rejects.toMatchObject({ code: "key_unusable" })
  })
})

function tryDecode(text: string): Uint8Array {
  try {
    return armor.decode(text)
  } catch {
    return Buffer.from("-> scrypt x 4\n")
  }
}
