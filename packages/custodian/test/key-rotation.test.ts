import { appendFile, copyFile, readFile, rename, writeFile } from "node:fs/promises"
import { get, post } from "@nightlight/dev-env/custodian/people"
import { journalOf, serveSite, turnableTime } from "@nightlight/dev-env/custodian/serving"
import { holdLock } from "@nightlight/durable"
import { createSigningKey, openSigner, openVerifier, publicKeyPath } from "@nightlight/vault"
import {
  AUDIT_GENESIS,
  chainAuditEvent,
  parseCheckpoint,
  readCheckpointKeys,
  readCheckpoints,
  toAuditLine,
  toCheckpointLine,
  toHandoverLine,
} from "@nightlight/vault/audit"
import { describe, expect, it } from "vitest"
import { custodianLayout, rotateCheckpointKey } from "../src/index.ts"

async function makeInstallation() {
  const time = turnableTime()
  const served = await serveSite({ time: time.sources })
  const layout = custodianLayout(served.dir)
  let head = { seq: 0, hash: AUDIT_GENESIS }
  const publicText = () => readFile(publicKeyPath(layout.checkpointKey), "utf8")
  return {
    ...served,
    layout,
    time,
    publicText,
    first: await publicText(),
    /** Shows the custodian so many new events. */
    sign: async (count = 1): Promise<string> => {
      const after = head
      const lines = Array.from({ length: count }, () => {
        const event = chainAuditEvent({ type: "case.claimed", actor: "person-1" }, "2026-06-01T11:00:00.000Z", head)
        head = { seq: event.seq, hash: event.hash }
        return toAuditLine(event).trimEnd()
      })
      const { status, body } = await post(served.socket, "/v1/checkpoints", { after, lines })
      expect(status).toBe(200)
      return (body as { line: string }).line
    },
    rotate: async () => {
      await served.stop()
      const turned = await rotateCheckpointKey(served.dir, time.sources.clock)
      await served.restart()
      return turned
    },
  }
}

const keyIdOf = (line: string) => (JSON.parse(line) as { keyId: string }).keyId

describe("the custodian's key for checkpoints", () => {
  it("is handed over twice, and every checkpoint is verified by the file that begins with the first one", async () => {
    const installation = await makeInstallation()
    const lines = [await installation.sign(2)]
    const one = await installation.rotate()
    lines.push(await installation.sign())
    const two = await installation.rotate()
    lines.push(await installation.sign())
    expect(one).toMatchObject({ throughSeq: 2, replaces: keyIdOf(lines[0] ?? "") })
    expect(two).toMatchObject({ throughSeq: 3, replaces: one.keyId })
    const text = await installation.publicText()
    expect(text.startsWith(installation.first)).toBe(true)
    const keys = readCheckpointKeys(text)
    expect(lines.map((line) => parseCheckpoint(line, keys)?.seq)).toEqual([2, 3, 4])
    expect(await readCheckpoints(installation.layout.checkpoints, keys)).toMatchObject({ untrustedLines: [] })
    expect((await get(installation.socket, "/v1/state")).body).toMatchObject({ checkpointKey: text })
    expect((await journalOf(installation.dir, "checkpoint-key.rotated")).map(({ data }) => data["keyId"])).toEqual([
      one.keyId,
      two.keyId,
    ])
  })

  it("that was handed over is not valid for later events, nor the new one for earlier ones", async () => {
    const installation = await makeInstallation()
    await installation.sign(5)
    const old = await openSigner(installation.layout.checkpointKey)
    await installation.rotate()
    const present = await openSigner(installation.layout.checkpointKey)
    const keys = readCheckpointKeys(await installation.publicText())
    const signed = (seq: number, by: typeof old) =>
      parseCheckpoint(
        toCheckpointLine({ seq, hash: "0".repeat(64), at: "2026-06-01T12:00:00.000Z" }, by).trimEnd(),
        keys,
      )?.seq
    expect([signed(4, old), signed(5, old), signed(6, old)]).toEqual([4, 5, undefined])
    expect([signed(4, present), signed(5, present), signed(6, present)]).toEqual([undefined, 5, 6])
  })

  it("does not come back: with the old private half in its place the custodian does not start, and says why", async () => {
    const installation = await makeInstallation()
    await installation.sign()
    const kept = `${installation.layout.root}/stolen.pem`
    await copyFile(installation.layout.checkpointKey, kept)
    await installation.rotate()
    await installation.stop()
    await rename(kept, installation.layout.checkpointKey)
    await expect(installation.restart()).rejects.toMatchObject({
      code: "key_unusable",
      message: expect.stringContaining("last"),
    })
  })

  it("that signed behind the custodian's back into its file is found at the next start", async () => {
    const installation = await makeInstallation()
    await installation.sign(3)
    const old = await openSigner(installation.layout.checkpointKey)
    await installation.rotate()
    await installation.stop()
    const line = toCheckpointLine({ seq: 9, hash: "0".repeat(64), at: "2026-06-01T12:00:00.000Z" }, old)
    await appendFile(installation.layout.checkpoints, line)
    await expect(installation.restart()).rejects.toMatchObject({ code: "audit_chain_broken" })
    await expect(rotateCheckpointKey(installation.dir, installation.time.sources.clock)).rejects.toMatchObject({
      code: "audit_chain_broken",
    })
  })

  it("is handed over completely by the next start or call, wherever the first was killed", async () => {
    const installation = await makeInstallation()
    await installation.sign()
    const next = `${installation.layout.checkpointKey}.next`
    await installation.stop()
    // The new key was made, and nothing else.
    await createSigningKey(next)
    const made = await openSigner(next)
    await installation.restart()
    expect(keyIdOf(await installation.sign())).not.toBe(made.keyId)
    // The handover was written, and the private half had no name yet.
    await installation.stop()
    const publicKey = await readFile(publicKeyPath(next), "utf8")
    const old = await openSigner(installation.layout.checkpointKey)
    const handover = toHandoverLine({ seq: 2, restarts: 0, at: "2026-06-01T12:00:00.000Z", publicKey }, old, made)
    await writeFile(publicKeyPath(installation.layout.checkpointKey), (await installation.publicText()) + handover)
    await installation.restart()
    expect(keyIdOf(await installation.sign())).toBe(made.keyId)
    // A call after that hands it over once more, and not the same again.
    expect(await installation.rotate()).toMatchObject({ replaces: made.keyId, throughSeq: 3 })
    expect(
      await readCheckpoints(installation.layout.checkpoints, readCheckpointKeys(await installation.publicText())),
    ).toMatchObject({
      untrustedLines: [],
    })
  })

  it("is handed over once by a call that is repeated before the new key has signed", async () => {
    const installation = await makeInstallation()
    await installation.sign()
    const once = await installation.rotate()
    const text = await installation.publicText()
    expect(await installation.rotate()).toEqual({ ...once, resumed: true })
    expect(await installation.publicText()).toBe(text)
    expect(keyIdOf(await installation.sign())).toBe(once.keyId)
    expect(await installation.rotate()).toMatchObject({ replaces: once.keyId, resumed: false })
  })

  it("is not rotated while the custodian runs or another command rotates it", async () => {
    const installation = await makeInstallation()
    const held = await holdLock(installation.layout.lock)
    try {
      await expect(rotateCheckpointKey(installation.dir, installation.time.sources.clock)).rejects.toMatchObject({
        code: "locked",
      })
    } finally {
      await held.release()
    }
    expect(await installation.publicText()).toBe(installation.first)
  })

  it("is handed over only by both keys: a handover signed by only one or by a third key is refused", async () => {
    const installation = await makeInstallation()
    const paths = ["new", "third"].map((name) => `${installation.layout.root}/${name}.pem`)
    for (const path of paths) await createSigningKey(path)
    const old = await openSigner(installation.layout.checkpointKey)
    const [to, third] = await Promise.all(paths.map(openSigner))
    if (to === undefined || third === undefined) throw new Error("no keys")
    const publicKey = await readFile(publicKeyPath(paths[0] ?? ""), "utf8")
    const handover = { seq: 1, restarts: 0, at: "2026-06-01T12:00:00.000Z", publicKey }
    const sound = toHandoverLine(handover, old, to)
    expect(readCheckpointKeys(installation.first + sound).current.keyId).toBe(to.keyId)
    const bad = [
      toHandoverLine(handover, third, to),
      toHandoverLine(handover, old, third),
      sound.replace('"seq":1', '"seq":2'),
      sound + toHandoverLine({ ...handover, seq: 0 }, to, to),
      "{}\n",
    ]
    for (const line of bad) {
      expect(() => readCheckpointKeys(installation.first + line)).toThrow(
        expect.objectContaining({ code: "key_unusable" }),
      )
    }
    expect((await openVerifier(publicKeyPath(installation.layout.checkpointKey))).keyId).toBe(old.keyId)
  })
})
