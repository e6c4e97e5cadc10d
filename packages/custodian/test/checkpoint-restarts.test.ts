import { randomUUID } from "node:crypto"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import {
  CHECKPOINT_RESTART_FORMAT,
  type CheckpointRestart,
  type CustodyKey,
  proveCheckpointRestart,
} from "@nightlight/contract/custodian"
import { HOUR_MS } from "@nightlight/core"
import { PASSPHRASE, sha256, tempDir } from "@nightlight/dev-env/custodian/folders"
import { enrol, get, makePerson, type Person, post } from "@nightlight/dev-env/custodian/people"
import { journalOf, refusalsOf, serveSite, turnableTime } from "@nightlight/dev-env/custodian/serving"
import { openVerifier, publicKeyPath } from "@nightlight/vault"
import { parseCheckpoint, readCheckpointKeys, readCheckpoints } from "@nightlight/vault/audit"
import { describe, expect, it } from "vitest"
import { rotateCheckpointKey } from "../src/checkpoints/key-rotation.ts"
import { custodianLayout } from "../src/index.ts"
import { aLog, GENESIS } from "./support/log.ts"

/** A custodian that signed seven events of a log, of which the server has another version from the sixth on. */
async function makeInstallation() {
  const time = turnableTime()
  const copy = join(await tempDir(), "copy.ndjson")
  const served = await serveSite({ config: { checkpointCopy: copy }, time: time.sources })
  const layout = custodianLayout(served.dir)
  const verifier = await openVerifier(publicKeyPath(layout.checkpointKey))
  const cora = await enrol(served.socket, "person-cora", ["counsel"])
  const sign = (body: unknown) => post(served.socket, "/v1/checkpoints", body)
  const head = async () =>
    (await get(served.socket, "/v1/checkpoints/head")).body as { seq: number; hash: string; restarts: number }
  const log = aLog()
  await sign({ after: GENESIS, lines: log.lines(5) })
  const restored = log.fork()
  await sign({ after: log.head, lines: log.lines(2) })
  const signed = log.head
  const lines = restored.lines(4, { actor: "person-2" })
  const start = restored.head
  const line = lines.at(-1) ?? ""

  function draft(change: Partial<CheckpointRestart> = {}): CheckpointRestart {
    const now = time.now().getTime()
    return {
      format: CHECKPOINT_RESTART_FORMAT,
      restartId: `restart-${randomUUID()}`,
      person: cora.id,
      reason: "database-restored",
      before: signed,
      start,
      issuedAt: new Date(now).toISOString(),
      expiresAt: new Date(now + HOUR_MS).toISOString(),
      ...change,
    }
  }
  async function use(
    of: CheckpointRestart,
    {
      key = cora.key.privateKey,
      ...change
    }: { readonly key?: CustodyKey; readonly passphrase?: string; readonly line?: string } = {},
  ) {
    const proof = await proveCheckpointRestart(of, key)
    return post(served.socket, "/v1/checkpoints/restart", {
      passphrase: PASSPHRASE,
      restart: of,
      proof,
      line,
      ...change,
    })
  }
  return { ...served, time, copy, layout, verifier, cora, sign, head, restored, signed, start, line, draft, use }
}

describe("a restart of checkpoints", () => {
  it("is signed as a line of its own kind, and the log continues from the event that the person named", async () => {
    const installation = await makeInstallation()
    const { restored, start, signed, verifier } = installation
    expect(await installation.sign({ after: start, lines: restored.fork().lines(1) })).toMatchObject({ status: 409 })
    const of = installation.draft()
    const { status, body } = await installation.use(of)
    expect(status).toBe(200)
    const { line } = body as { line: string }
    expect(parseCheckpoint(line, verifier)).toMatchObject({
      ...start,
      restarts: 1,
      restart: { restartId: of.restartId, person: "person-cora", reason: "database-restored", before: signed },
    })
    expect(await installation.head()).toEqual({ ...start, restarts: 1, line })
    expect(await installation.sign({ after: start, lines: restored.lines(2) })).toMatchObject({ status: 200 })
    for (const file of [installation.layout.checkpoints, installation.copy]) {
      const { checkpoints, untrustedLines } = await readCheckpoints(file, verifier)
      expect(untrustedLines).toEqual([])
      expect(checkpoints.map(({ seq, restarts }) => [seq, restarts])).toEqual([
        [5, 0],
        [7, 0],
        [9, 1],
        [11, 1],
      ])
    }
  })

  it("is remembered after a restart of the process, and written where a killed process left it out", async () => {
    const installation = await makeInstallation()
    const before = await readFile(installation.layout.checkpoints, "utf8")
    await installation.use(installation.draft())
    const after = await readFile(installation.layout.checkpoints, "utf8")
    const head = await installation.head()
    await installation.stop()
    await writeFile(installation.layout.checkpoints, before)
    await installation.restart()
    expect(await readFile(installation.layout.checkpoints, "utf8")).toBe(after)
    expect(await installation.head()).toEqual(head)
  })

  it("works with a handover of the key, even if the event from which checkpoints continue is an earlier one", async () => {
    const installation = await makeInstallation()
    const earlier = aLog()
    const [first = ""] = earlier.lines(1)
    expect(await installation.use(installation.draft({ start: earlier.head }), { line: first })).toMatchObject({
      status: 200,
    })
    await installation.stop()
    await rotateCheckpointKey(installation.dir, { now: installation.time.now })
    await installation.restart()
    expect(await installation.sign({ after: earlier.head, lines: earlier.lines(1) })).toMatchObject({ status: 200 })
    const keys = readCheckpointKeys(await readFile(publicKeyPath(installation.layout.checkpointKey), "utf8"))
    const { checkpoints, untrustedLines } = await readCheckpoints(installation.layout.checkpoints, keys)
    expect(untrustedLines).toEqual([])
    expect(checkpoints.map(({ seq, restarts }) => [seq, restarts])).toEqual([
      [5, 0],
      [7, 0],
      [1, 1],
      [2, 1],
    ])
    expect(new Set(checkpoints.map(({ keyId }) => keyId)).size).toBe(2)
  })

  it("continues the log after events that a clock had dated years ahead", async () => {
    const installation = await makeInstallation()
    const log = aLog()
    log.startFrom(installation.signed)
    const [future = ""] = log.lines(1, { at: "2071-01-01T00:00:00.000Z" })
    expect(await installation.sign({ after: installation.signed, lines: [future] })).toMatchObject({
      body: { reason: "log-time-ahead" },
    })
    const start = log.head
    const of = installation.draft({ reason: "clock-wrong", start })
    expect(await installation.use(of, { line: future })).toMatchObject({ status: 200 })
    const at = installation.time.now().toISOString()
    const behind = log.fork()
    expect(await installation.sign({ after: start, lines: log.lines(1, { at }) })).toMatchObject({ status: 200 })
    // Nothing older comes in by it.
    expect(
      await installation.sign({ after: log.head, lines: behind.lines(1, { at: "2026-06-01T11:00:00.000Z" }) }),
    ).toMatchObject({ status: 409 })
  })

  it("is refused without the passphrase, without the person's signature, or with another person's", async () => {
    const installation = await makeInstallation()
    const of = installation.draft()
    const mallory = await makePerson("person-mallory")
    const rae = await enrol(installation.socket, "person-rae", ["reviewer", "reporter"])
    expect(await installation.use(of, { passphrase: "not the passphrase" })).toMatchObject({
      body: { type: "passphrase_wrong" },
    })
    expect(await installation.use(of, { key: mallory.key.privateKey })).toMatchObject({
      status: 403,
      body: { reason: "signature-wrong" },
    })
    const { status } = await post(installation.socket, "/v1/checkpoints/restart", {
      passphrase: PASSPHRASE,
      restart: of,
      line: installation.line,
    })
    expect(status).toBe(400)
    for (const [person, reason] of [
      [mallory, "not-enrolled"],
      [rae, "role-missing"],
    ] as readonly (readonly [Person, string])[]) {
      const theirs = installation.draft({ person: person.id })
      expect(await installation.use(theirs, { key: person.key.privateKey })).toMatchObject({
        status: 403,
        body: { reason },
      })
    }
    const proof = await proveCheckpointRestart(of, installation.cora.key.privateKey)
    const named = {
      restart: of,
      proof: { ...proof, person: "person-rae" },
      line: installation.line,
      passphrase: PASSPHRASE,
    }
    expect(await post(installation.socket, "/v1/checkpoints/restart", named)).toMatchObject({
      body: { reason: "proofs-missing" },
    })
    expect(await installation.head()).toMatchObject(installation.signed)
    expect(await refusalsOf(installation.dir)).not.toContain(undefined)
  })

  it("is refused with any member changed after the person signed, and with another event's line", async () => {
    const installation = await makeInstallation()
    const of = installation.draft()
    const proof = await proveCheckpointRestart(of, installation.cora.key.privateKey)
    const changes: readonly Partial<CheckpointRestart>[] = [
      { start: { seq: installation.start.seq + 1, hash: installation.start.hash } },
      { start: { seq: installation.start.seq, hash: sha256("any") } },
      { before: { seq: 5, hash: installation.signed.hash } },
      { reason: "clock-wrong" },
      { restartId: "restart-other" },
      { expiresAt: new Date(installation.time.now().getTime() + 2 * HOUR_MS).toISOString() },
    ]
    for (const change of changes) {
      const body = { passphrase: PASSPHRASE, restart: { ...of, ...change }, proof, line: installation.line }
      expect(await post(installation.socket, "/v1/checkpoints/restart", body)).toMatchObject({
        body: { reason: "signature-wrong" },
      })
    }
    const [other = ""] = installation.restored.lines(1)
    for (const line of [other, installation.line.replace("person-2", "person-3"), "{}", ` ${installation.line}`]) {
      expect(await installation.use(of, { line })).toMatchObject({ body: { reason: "log-broken" } })
    }
    expect(await installation.head()).toMatchObject(installation.signed)
    expect(await installation.use(of)).toMatchObject({ status: 200 })
  })

  it("is used once, also after a restart of the process, and not when another checkpoint came since it was signed", async () => {
    const installation = await makeInstallation()
    const of = installation.draft()
    const late = installation.draft()
    await installation.use(of)
    expect(await installation.use(of)).toMatchObject({ status: 409, body: { reason: "replayed" } })
    await installation.restart()
    expect(await installation.use(of)).toMatchObject({ status: 409, body: { reason: "replayed" } })
    expect(await installation.use(late)).toMatchObject({ status: 409, body: { reason: "other-head" } })
  })

  it("is refused when it has expired, is not valid yet or would be valid for too long", async () => {
    const installation = await makeInstallation()
    const of = installation.draft()
    const long = new Date(installation.time.now().getTime() + 25 * HOUR_MS).toISOString()
    expect(await installation.use(installation.draft({ expiresAt: long }))).toMatchObject({
      body: { reason: "valid-too-long" },
    })
    const issuedAt = new Date(installation.time.now().getTime() + HOUR_MS / 2).toISOString()
    expect(await installation.use(installation.draft({ issuedAt }))).toMatchObject({
      body: { reason: "not-yet-valid" },
    })
    installation.time.pass(HOUR_MS)
    expect(await installation.use(of)).toMatchObject({ status: 403, body: { reason: "expired" } })
  })

  it("is allowed once an hour, also after a restart of the process and if the clock is set back", async () => {
    const installation = await makeInstallation()
    await installation.use(installation.draft())
    await installation.restart()
    const again = () => installation.draft({ before: installation.start, start: installation.start })
    expect(await installation.use(again())).toMatchObject({ status: 403, body: { reason: "hourly-cap" } })
    installation.time.setClock(-HOUR_MS / 2)
    expect((await installation.use(again())).status).toBe(403)
    installation.time.setClock(HOUR_MS / 2)
    installation.time.pass(HOUR_MS)
    expect(await installation.use(again())).toMatchObject({ status: 200 })
    expect((await installation.head()).restarts).toBe(2)
  })

  it("is in the journal with its person, reason and both events, and is refused while the custodian is locked", async () => {
    const installation = await makeInstallation()
    const of = installation.draft()
    await installation.use(of)
    const [event] = await journalOf(installation.dir, "checkpoints.restarted")
    expect(event).toMatchObject({
      actor: "person-cora",
      data: { restartId: of.restartId, reason: "database-restored", by: "kept-key", beforeSeq: 7, logSeq: 9 },
    })
  })
})
