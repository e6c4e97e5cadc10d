import { readFile, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { signDocument } from "@nightlight/durable"
import { generateHybridIdentity, identityToRecipient } from "age-encryption"
import { describe, expect, it } from "vitest"
import {
  activeRecipients,
  custodySeparated,
  generateIdentity,
  type ManifestRecipient,
  readManifest,
  recipientOf,
  writeManifest,
} from "../src/index.ts"
import { forFlippedBits } from "./support/flipped-bits.ts"
import { entry, fixedClock, makeSigningKey, tempDir } from "./support/workspace.ts"

const revokedAt = "2026-03-01T00:00:00.000Z"

async function newKey(): Promise<string> {
  return recipientOf(await generateIdentity())
}

async function makeManifest() {
  const path = join(await tempDir(), "recipients.json")
  const authority = { ...(await makeSigningKey()), clock: fixedClock }
  const recipients = [entry("custodian-1", await newKey()), entry("recovery-1", await newKey(), { role: "recovery" })]
  const write = (next: readonly ManifestRecipient[]) => writeManifest(path, next, authority)
  const read = (floor?: number) => readManifest(path, authority.verifier, floor)
  return { path, recipients, write, read, first: await write(recipients), ...authority }
}

describe("a recipient manifest", () => {
  it("is read back as written, one version higher with each change", async () => {
    const { recipients, write, read, first, path } = await makeManifest()
    expect(await read()).toEqual(first)
    expect(first).toEqual({ version: 1, writtenAt: "2026-06-01T12:00:00.000Z", recipients })
    const next = [{ ...recipients[0]!, revokedAt }, recipients[1]!, entry("custodian-2", await newKey())]
    expect(await write(next)).toMatchObject({ version: 2, recipients: next })
    expect((await read()).recipients).toEqual(next)
    expect(activeRecipients(await read()).map(({ id }) => id)).toEqual(["recovery-1", "custodian-2"])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it("is refused when it is missing, older than one seen before, or signed by another key", async () => {
    const { path, read, first } = await makeManifest()
    await expect(read(2)).rejects.toMatchObject({ code: "manifest_untrusted", details: { version: 1, floor: 2 } })
    expect(await read(1)).toEqual(first)
    const { verifier } = await makeSigningKey()
    await expect(readManifest(path, verifier)).rejects.toMatchObject({ code: "manifest_untrusted" })
    await rm(path)
    await expect(read()).rejects.toMatchObject({ code: "manifest_untrusted" })
  })

  it("is refused when any bit of it flipped, or it was written out in another way", async () => {
    const { path, read } = await makeManifest()
    const whole = await readFile(path)
    await forFlippedBits(path, async () => {
      await expect(read()).rejects.toMatchObject({ code: "manifest_untrusted" })
    })
    const document = JSON.parse(whole.toString()) as object
    for (const text of [
      "",
      "[]",
      JSON.stringify(document),
      `${whole.toString()}\n`,
      `{"version":9,${whole.toString().slice(1)}`,
    ]) {
      await writeFile(path, text)
      await expect(read()).rejects.toMatchObject({ code: "manifest_untrusted" })
    }
  })

  it("is refused when the key signed something malformed", async () => {
    const { path, read, signer, recipients } = await makeManifest()
    const good = {
      format: "nightlight-recipients/1",
      version: 1,
      writtenAt: revokedAt,
      recipients: recipients as never,
    }
    const bad = [
      { ...good, version: 0 },
      { ...good, version: 1.5 },
      { ...good, recipients: {} as never },
      { ...good, recipients: [{ ...recipients[0], role: "owner" }] as never },
      { ...good, recipients: [{ ...recipients[0], local: "no" }] as never },
      { ...good, recipients: [{ ...recipients[0], recipient: "age1x" }] as never },
      { ...good, recipients: [null] as never },
      { ...good, format: "nightlight-checkpoint/1" },
    ]
    for (const body of bad) {
      await writeFile(path, `${JSON.stringify(signDocument(body, signer), null, 2)}\n`)
      await expect(read()).rejects.toMatchObject({ code: "manifest_untrusted" })
    }
    await writeFile(path, `${JSON.stringify(signDocument(good, signer), null, 2)}\n`)
    expect((await read()).recipients).toEqual(recipients)
  })

  it("is not written over one that was altered", async () => {
    const { path, write, recipients } = await makeManifest()
    await writeFile(path, (await readFile(path, "utf8")).replace('"local": false', '"local": true'))
    await expect(write(recipients)).rejects.toMatchObject({ code: "manifest_untrusted" })
  })

  it("loses, changes and calls back no recipient", async () => {
    const { write, recipients, read } = await makeManifest()
    const [custodian, recovery] = [recipients[0]!, recipients[1]!]
    const second = entry("custodian-2", await newKey())
    await write([{ ...custodian, revokedAt }, recovery, second])
    const refused = [
      [recovery, second],
      [custodian, recovery, second],
      [{ ...custodian, revokedAt }, { ...recovery, recipient: await newKey() }, second],
      [{ ...custodian, revokedAt }, recovery, { ...second, addedAt: revokedAt }],
      [{ ...custodian, revokedAt }, recovery, second, { ...second, recipient: await newKey() }],
    ]
    for (const next of refused) await expect(write(next)).rejects.toMatchObject({ code: "state_conflict" })
    expect((await read()).version).toBe(2)
  })

  it("needs a custodian's and a recovery key that differ, and neither revoked nor of another kind", async () => {
    const { write, recipients, path } = await makeManifest()
    await rm(path)
    const [custodian, recovery] = [recipients[0]!, recipients[1]!]
    const tooFew = [
      [],
      [custodian],
      [custodian, entry("custodian-2", await newKey())],
      [recovery, entry("recovery-2", await newKey(), { role: "recovery" })],
      [custodian, { ...recovery, revokedAt }],
      [custodian, { ...recovery, recipient: custodian.recipient }],
      [custodian, recovery, { ...recovery, id: "a b" }],
    ]
    for (const next of tooFew) await expect(write(next)).rejects.toMatchObject({ code: "config_invalid" })
    const hybrid = await identityToRecipient(await generateHybridIdentity())
    await expect(write([{ ...custodian, recipient: hybrid }, recovery])).rejects.toMatchObject({
      code: "key_malformed",
    })
    expect(() => activeRecipients({ recipients: [custodian] })).toThrow(
      expect.objectContaining({ code: "key_unusable" }),
    )
  })

  it("says that custody is not separated while an active custodian's private half is local", async () => {
    const { recipients } = await makeManifest()
    const [custodian, recovery] = [recipients[0]!, recipients[1]!]
    const local = { ...custodian, local: true }
    expect(custodySeparated({ recipients })).toBe(true)
    expect(custodySeparated({ recipients: [local, recovery] })).toBe(false)
    expect(custodySeparated({ recipients: [{ ...local, revokedAt }, recovery] })).toBe(true)
    expect(custodySeparated({ recipients: [custodian, { ...recovery, local: true }] })).toBe(true)
  })
})
