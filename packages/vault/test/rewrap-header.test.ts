import { Decrypter, Encrypter } from "age-encryption"
import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import { splitAgeFile } from "../src/age/header-split.ts"
import { rewrapHeader } from "../src/age/rewrap-header.ts"
import { generateIdentity, recipientOf, seal } from "../src/index.ts"
import { collect, inChunks } from "./support/workspace.ts"

let identities: string[]
let recipients: string[]

beforeAll(async () => {
  identities = await Promise.all(Array.from({ length: 5 }, generateIdentity))
  recipients = await Promise.all(identities.map(recipientOf))
})

async function sealed(content: Uint8Array, to: readonly string[]): Promise<Buffer> {
  return Buffer.concat(await collect(seal(inChunks(content, []), to)))
}

async function split(file: Uint8Array, sizes: readonly number[] = []) {
  const { header, payload } = await splitAgeFile(inChunks(file, sizes))
  return { header, payload: Buffer.concat(await collect(payload)) }
}

async function openedBy(identity: string, file: Uint8Array): Promise<Uint8Array> {
  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  return decrypter.decrypt(file)
}

const someOf = fc.subarray([0, 1, 2, 3, 4], { minLength: 1 })

describe("a header that is written anew", () => {
  it("lets the age library open the same payload by each new recipient's key and by no other", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 70_000 }),
        someOf,
        someOf,
        fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 8 }),
        async (content, before, after, sizes) => {
          const file = await sealed(
            content,
            before.map((n) => recipients[n] ?? ""),
          )
          const parts = await split(file, sizes)
          expect(Buffer.concat([parts.header, parts.payload]).equals(file)).toBe(true)
          const header = await rewrapHeader(
            parts.header,
            [identities[before[0] ?? 0] ?? ""],
            after.map((n) => recipients[n] ?? ""),
          )
          const rewrapped = Buffer.concat([header, parts.payload])
          for (const [n, identity] of identities.entries()) {
            const opened = openedBy(identity, rewrapped)
            if (after.includes(n)) expect(Buffer.from(await opened).equals(Buffer.from(content))).toBe(true)
            else await expect(opened).rejects.toThrow("no identity matched")
          }
        },
      ),
      { numRuns: 25 },
    )
  })

  it("has the form of the library's own: as long, line by line, for as many recipients", async () => {
    for (let count = 1; count <= recipients.length; count++) {
      const encrypter = new Encrypter()
      for (const recipient of recipients.slice(0, count)) encrypter.addRecipient(recipient)
      const library = await split(await encrypter.encrypt("content"))
      const ours = await rewrapHeader(library.header, [identities[0] ?? ""], recipients.slice(0, count))
      const shape = (header: Uint8Array) =>
        Buffer.from(header)
          .toString("latin1")
          .split("\n")
          .map((line) => [line.slice(0, 4), line.length])
      const keysOnly = (rows: (string | number)[][]) => rows.map(([, length]) => length)
      expect(keysOnly(shape(ours))).toEqual(keysOnly(shape(library.header)))
    }
  })

  it("never repeats an ephemeral key", async () => {
    const { header } = await split(await sealed(new Uint8Array(9), recipients.slice(0, 1)))
    const again = async () => Buffer.from(await rewrapHeader(header, identities, recipients)).toString("latin1")
    const shares = [await again(), await again()].join("").match(/^-> X25519 \S+$/gm) ?? []
    expect(new Set(shares).size).toBe(2 * recipients.length)
  })

  it("is refused where the old one was altered in any byte", async () => {
    const { header } = await split(await sealed(new Uint8Array(9), recipients.slice(0, 2)))
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: header.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (offset, by) => {
          const altered = Uint8Array.from(header)
          altered[offset] = (altered[offset] ?? 0) ^ by
          await expect(rewrapHeader(altered, identities, recipients)).rejects.toMatchObject({
            code: expect.stringMatching(/^(key_unusable|evidence_digest_mismatch)$/),
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  it("is refused where no identity opens the old one, or a recipient is none", async () => {
    const { header } = await split(await sealed(new Uint8Array(9), recipients.slice(0, 1)))
    await expect(rewrapHeader(header, identities.slice(1), recipients)).rejects.toMatchObject({ code: "key_unusable" })
    await expect(rewrapHeader(header, identities, ["age1none"])).rejects.toMatchObject({ code: "key_malformed" })
  })

  it("is not looked for in what is no age file, is endless, or ends within its header", async () => {
    const endless = Buffer.from(`age-encryption.org/v1\n${"-> X25519 AAAA\nAAAA\n".repeat(10_000)}`)
    const { header } = await split(await sealed(new Uint8Array(9), recipients.slice(0, 1)))
    for (const file of [Buffer.alloc(0), Buffer.from("GIF89a"), endless, header.subarray(0, -1)]) {
      await expect(splitAgeFile(inChunks(file, [7, 100]))).rejects.toMatchObject({ code: "evidence_digest_mismatch" })
    }
  })
})
