import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { PASSPHRASE } from "@nightlight/dev-env/custodian/folders"
import { complete, enrol, get, makePerson, post } from "@nightlight/dev-env/custodian/people"
import { journalOf, refusalsOf, serveSite, turnableTime } from "@nightlight/dev-env/custodian/serving"
import { describe, expect, it } from "vitest"
import { createCustodianClient } from "../src/index.ts"
import { serve } from "../src/service/serve.ts"

describe("enrolment", () => {
  it("accepts the key of the one-time code's holder, as the code is typed", async () => {
    const { socket, dir } = await serveSite()
    const ann = await makePerson("ann")
    const { code } = await createCustodianClient(socket).invite(PASSPHRASE, "ann", ["reviewer"])

    const answer = await complete(socket, ann, ` ${code.toLowerCase()} `)

    expect(answer).toMatchObject({ status: 200, body: { person: "ann", roles: ["reviewer"] } })
    expect(await createCustodianClient(socket).state()).toMatchObject({ enrolled: 1, state: "ready" })
    expect((await journalOf(dir)).map(({ type }) => type)).toEqual(
      expect.arrayContaining(["enrolment.invited", "enrolment.completed"]),
    )
  })

  it("accepts a code once", async () => {
    const { socket } = await serveSite()
    const { code } = await createCustodianClient(socket).invite(PASSPHRASE, "ann", ["reviewer"])
    expect(await complete(socket, await makePerson("ann"), code)).toMatchObject({ status: 200 })
    expect(await complete(socket, await makePerson("ann"), code)).toMatchObject({
      status: 403,
      body: { reason: "not-invited" },
    })
  })

  it("refuses a code of another person, and one whose key was exchanged on the way", async () => {
    const { socket } = await serveSite()
    const client = createCustodianClient(socket)
    const { code } = await client.invite(PASSPHRASE, "ann", ["reviewer"])
    await client.invite(PASSPHRASE, "ben", ["reviewer"])
    expect(await complete(socket, await makePerson("ben"), code)).toMatchObject({ body: { reason: "code-wrong" } })

    const ann = await makePerson("ann")
    const mallory = await makePerson("ann")
    const exchanged = { ...ann, key: { ...ann.key, publicKey: mallory.key.publicKey } }
    const { enrolmentProof } = await import("@nightlight/contract/custodian")
    const proof = await enrolmentProof(code, "ann", ann.key.publicKey)
    const body = { person: "ann", publicKey: exchanged.key.publicKey, proof }
    expect(await post(socket, "/v1/enrolments/complete", body)).toMatchObject({ body: { reason: "code-wrong" } })
  })

  it("makes a code void after five wrong proofs, also over a restart", async () => {
    const served = await serveSite()
    const { code } = await createCustodianClient(served.socket).invite(PASSPHRASE, "ann", ["reviewer"])
    const ann = await makePerson("ann")
    const reasons: unknown[] = []
    for (let n = 0; n < 5; n++) {
      if (n === 3) await served.restart()
      const { body } = await complete(served.socket, ann, "00000-00000")
      reasons.push((body as { reason: unknown }).reason)
    }
    expect(reasons).toEqual(["code-wrong", "code-wrong", "code-wrong", "code-wrong", "tries-exceeded"])
    expect(await complete(served.socket, ann, code)).toMatchObject({ status: 403, body: { reason: "not-invited" } })
    expect(await journalOf(served.dir, "enrolment.voided")).toHaveLength(1)
  })

  it("lets a code expire after a day", async () => {
    const time = turnableTime()
    const { socket } = await serveSite({ time: time.sources })
    const { code } = await createCustodianClient(socket).invite(PASSPHRASE, "ann", ["reviewer"])
    time.pass(24 * 60 * 60_000 + 1)
    expect(await complete(socket, await makePerson("ann"), code)).toMatchObject({ body: { reason: "not-invited" } })
  })

  it("keeps people and unused codes over a restart", async () => {
    const served = await serveSite()
    await enrol(served.socket, "ann", ["reporter"])
    const { code } = await createCustodianClient(served.socket).invite(PASSPHRASE, "ben", ["counsel"])
    await served.restart()
    expect(await complete(served.socket, await makePerson("ben"), code)).toMatchObject({ status: 200 })
    const { people } = await createCustodianClient(served.socket).enrolments()
    expect(people.map(({ person, roles }) => [person, roles])).toEqual([
      ["ann", ["reporter"]],
      ["ben", ["counsel"]],
    ])
  })

  it("knows every key that was ever enrolled, including replaced and revoked ones", async () => {
    const { socket, restart } = await serveSite()
    await enrol(socket, "ann", ["approver"])
    await enrol(socket, "ann", ["approver"])
    await createCustodianClient(socket).revoke(PASSPHRASE, "ann")
    await restart()
    const { body } = await get(socket, "/v1/enrolments/keys")
    const { keys } = body as { keys: { person: string; keyId: string }[] }
    expect(keys.map(({ person }) => person)).toEqual(["ann", "ann"])
    expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(2)
  })

  it("enrols no key of somebody else in another text of the same bytes", async () => {
    const { socket } = await serveSite()
    const { key } = await enrol(socket, "ann", ["reviewer"])
    const { code } = await createCustodianClient(socket).invite(PASSPHRASE, "ben", ["reviewer"])
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for (const spare of [1, 2, 3]) {
      const last = alphabet[alphabet.indexOf(key.publicKey.at(-1) ?? "") + spare]
      const publicKey = `${key.publicKey.slice(0, -1)}${last}`
      const twin = { id: "ben", key: { ...key, publicKey } }
      expect(await complete(socket, twin, code)).toMatchObject({ status: 400, body: { reason: "malformed" } })
    }
    expect(await createCustodianClient(socket).state()).toMatchObject({ enrolled: 1 })
  })

  it("invites and revokes nobody without the passphrase", async () => {
    const { socket, dir } = await serveSite()
    const client = createCustodianClient(socket)
    await expect(client.invite("another one", "ann", ["reviewer"])).rejects.toMatchObject({ code: "passphrase_wrong" })
    await expect(client.revoke("another one", "ann")).rejects.toMatchObject({ code: "passphrase_wrong" })
    expect(await client.state()).toMatchObject({ enrolled: 0 })
    expect(await refusalsOf(dir)).toEqual(["passphrase_wrong", "passphrase_wrong"])
  })

  it("tries no more passphrases after five wrong ones, for a quarter of an hour", async () => {
    const time = turnableTime()
    const { socket } = await serveSite({ time: time.sources, locked: true })
    const client = createCustodianClient(socket)
    for (let n = 0; n < 5; n++) {
      await expect(client.unlock("another one")).rejects.toMatchObject({ code: "passphrase_wrong" })
    }
    await expect(client.unlock(PASSPHRASE)).rejects.toMatchObject({ details: { reason: "tries-exceeded" } })
    time.pass(16 * 60_000)
    expect(await client.unlock(PASSPHRASE)).toMatchObject({ state: "ready" })
  })

  it("does not start on enrolments that were altered, or are older than its journal", async () => {
    const served = await serveSite()
    const file = join(served.dir, "enrolments.json")
    await enrol(served.socket, "ann", ["reviewer"])
    const before = await readFile(file, "utf8")
    await createCustodianClient(served.socket).revoke(PASSPHRASE, "ann")
    await served.stop()

    await writeFile(file, before)
    await expect(serve(served.dir)).rejects.toMatchObject({ code: "key_unusable" })
    await writeFile(file, before.replace('"reviewer"', '"senior-reviewer"'))
    await expect(serve(served.dir)).rejects.toMatchObject({ code: "key_unusable" })
  })
})

describe("a custodian that is locked", () => {
  it("answers its state, and opens nothing", async () => {
    const { socket, seal, dir } = await serveSite({ locked: true })
    const evidence = await seal({ evidenceId: "item-1", content: Buffer.from("canary-locked") })

    expect(await get(socket, "/v1/state")).toMatchObject({ status: 200, body: { state: "locked", environments: [] } })
    const answer = await post(socket, "/v1/intake", { evidence, findingId: "finding-item-1" })
    expect(answer).toMatchObject({ status: 409, body: { type: "state_conflict", reason: "locked" } })
    expect(await refusalsOf(dir)).toEqual(["locked"])

    expect(await post(socket, "/v1/unlock", { passphrase: PASSPHRASE })).toMatchObject({ body: { state: "ready" } })
    const opened = await post(socket, "/v1/intake", { evidence, findingId: "finding-item-1" })
    expect(opened).toMatchObject({ status: 200, body: { opens: true } })
    expect(await journalOf(dir, "custodian.unlocked")).toMatchObject([{ data: { manifest: "active" } }])
  })
})
