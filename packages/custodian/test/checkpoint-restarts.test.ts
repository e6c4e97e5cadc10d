import { randomUUID } from "node:crypto"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import {
  CHECKPOINT_RESTART_FORMAT,
  type CheckpointRestart,
  type CustodyKey,
  proveCheckpointRestart,
} from "@nightlight/contract/custodian"
import { PASSPHRASE, sha256, tempDir } from "@nightlight/dev-env/custodian/folders"
import { enrol, get, makePerson, type Person, post } from "@nightlight/dev-env/custodian/people"
import { journalOf, refusalsOf, serveSite, turnableTime } from "@nightlight/dev-env/custodian/serving"
import { openVerifier, publicKeyPath } from "@nightlight/vault"
import { parseCheckpoint, readCheckpointKeys, readCheckpoints } from "@nightlight/vault/audit"
import { describe, expect, it } from "vitest"
import { rotateCheckpointKey } from "../src/checkpoints/key-turn.ts"
import { custodianLayout } from "../src/index.ts"
import { aLog, GENESIS } from "./support/log.ts"

const HOUR_MS = 3_600_000

/** A custodian that signed seven events of a log, of which the server has another version from the sixth on. */
async function makeHouse() {
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
  it("is signed as a line of its own kind, and the log goes on from the event that the person named", async () => {
    const house = await makeHouse()
    const { restored, start, signed, verifier } = house
    expect(await house.sign({ after: start, lines: restored.fork().lines(1) })).toMatchObject({ status: 409 })
    const of = house.draft()
    const { status, body } = await house.use(of)
    expect(status).toBe(200)
    const { line } = body as { line: string }
    expect(parseCheckpoint(line, verifier)).toMatchObject({
      ...start,
      restarts: 1,
      restart: { restartId: of.restartId, person: "person-cora", reason: "database-restored", before: signed },
    })
    expect(await house.head()).toEqual({ ...start, restarts: 1, line })
    expect(await house.sign({ after: start, lines: restored.lines(2) })).toMatchObject({ status: 200 })
    for (const file of [house.layout.checkpoints, house.copy]) {
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
    const house = await makeHouse()
    const before = await readFile(house.layout.checkpoints, "utf8")
    await house.use(house.draft())
    const after = await readFile(house.layout.checkpoints, "utf8")
    const head = await house.head()
    await house.stop()
    await writeFile(house.layout.checkpoints, before)
    await house.restart()
    expect(await readFile(house.layout.checkpoints, "utf8")).toBe(after)
    expect(await house.head()).toEqual(head)
  })

  it("goes together with a handover of the key, though the event that checkpoints go on from is an earlier one", async () => {
    const house = await makeHouse()
    const earlier = aLog()
    const [first = ""] = earlier.lines(1)
    expect(await house.use(house.draft({ start: earlier.head }), { line: first })).toMatchObject({ status: 200 })
    await house.stop()
    await rotateCheckpointKey(house.dir, { now: house.time.now })
    await house.restart()
    expect(await house.sign({ after: earlier.head, lines: earlier.lines(1) })).toMatchObject({ status: 200 })
    const keys = readCheckpointKeys(await readFile(publicKeyPath(house.layout.checkpointKey), "utf8"))
    const { checkpoints, untrustedLines } = await readCheckpoints(house.layout.checkpoints, keys)
    expect(untrustedLines).toEqual([])
    expect(checkpoints.map(({ seq, restarts }) => [seq, restarts])).toEqual([
      [5, 0],
      [7, 0],
      [1, 1],
      [2, 1],
    ])
    expect(new Set(checkpoints.map(({ keyId }) => keyId)).size).toBe(2)
  })

  it("takes the log on from events that a clock had dated years ahead", async () => {
    const house = await makeHouse()
    const log = aLog()
    log.startFrom(house.signed)
    const [future = ""] = log.lines(1, { at: "2071-01-01T00:00:00.000Z" })
    expect(await house.sign({ after: house.signed, lines: [future] })).toMatchObject({
      body: { reason: "log-time-ahead" },
    })
    const start = log.head
    const of = house.draft({ reason: "clock-wrong", start })
    expect(await house.use(of, { line: future })).toMatchObject({ status: 200 })
    const at = house.time.now().toISOString()
    const behind = log.fork()
    expect(await house.sign({ after: start, lines: log.lines(1, { at }) })).toMatchObject({ status: 200 })
    // Nothing older comes in by it.
    expect(
      await house.sign({ after: log.head, lines: behind.lines(1, { at: "2026-06-01T11:00:00.000Z" }) }),
    ).toMatchObject({ status: 409 })
  })

  it("is refused by one hand: without the passphrase, without the person's signature, or with another's", async () => {
    const house = await makeHouse()
    const of = house.draft()
    const mallory = await makePerson("person-mallory")
    const rae = await enrol(house.socket, "person-rae", ["reviewer", "reporter"])
    expect(await house.use(of, { passphrase: "not the passphrase" })).toMatchObject({
      body: { type: "passphrase_wrong" },
    })
    expect(await house.use(of, { key: mallory.key.privateKey })).toMatchObject({
      status: 403,
      body: { reason: "signature-wrong" },
    })
    const { status } = await post(house.socket, "/v1/checkpoints/restart", {
      passphrase: PASSPHRASE,
      restart: of,
      line: house.line,
    })
    expect(status).toBe(400)
    for (const [person, reason] of [
      [mallory, "not-enrolled"],
      [rae, "role-missing"],
    ] as readonly (readonly [Person, string])[]) {
      const theirs = house.draft({ person: person.id })
      expect(await house.use(theirs, { key: person.key.privateKey })).toMatchObject({ status: 403, body: { reason } })
    }
    const proof = await proveCheckpointRestart(of, house.cora.key.privateKey)
    const named = { restart: of, proof: { ...proof, person: "person-rae" }, line: house.line, passphrase: PASSPHRASE }
    expect(await post(house.socket, "/v1/checkpoints/restart", named)).toMatchObject({
      body: { reason: "proofs-missing" },
    })
    expect(await house.head()).toMatchObject(house.signed)
    expect(await refusalsOf(house.dir)).not.toContain(undefined)
  })

  it("is refused with any member changed after the person signed, and with another event's line", async () => {
    const house = await makeHouse()
    const of = house.draft()
    const proof = await proveCheckpointRestart(of, house.cora.key.privateKey)
    const changes: readonly Partial<CheckpointRestart>[] = [
      { start: { seq: house.start.seq + 1, hash: house.start.hash } },
      { start: { seq: house.start.seq, hash: sha256("any") } },
      { before: { seq: 5, hash: house.signed.hash } },
      { reason: "clock-wrong" },
      { restartId: "restart-other" },
      { expiresAt: new Date(house.time.now().getTime() + 2 * HOUR_MS).toISOString() },
    ]
    for (const change of changes) {
      const body = { passphrase: PASSPHRASE, restart: { ...of, ...change }, proof, line: house.line }
      expect(await post(house.socket, "/v1/checkpoints/restart", body)).toMatchObject({
        body: { reason: "signature-wrong" },
      })
    }
    const [other = ""] = house.restored.lines(1)
    for (const line of [other, house.line.replace("person-2", "person-3"), "{}", ` ${house.line}`]) {
      expect(await house.use(of, { line })).toMatchObject({ body: { reason: "log-broken" } })
    }
    expect(await house.head()).toMatchObject(house.signed)
    expect(await house.use(of)).toMatchObject({ status: 200 })
  })

  it("is used once, also after a restart of the process, and not when another checkpoint came since it was signed", async () => {
    const house = await makeHouse()
    const of = house.draft()
    const late = house.draft()
    await house.use(of)
    expect(await house.use(of)).toMatchObject({ status: 409, body: { reason: "replayed" } })
    await house.restart()
    expect(await house.use(of)).toMatchObject({ status: 409, body: { reason: "replayed" } })
    expect(await house.use(late)).toMatchObject({ status: 409, body: { reason: "other-head" } })
  })

  it("is refused when it has expired, is not valid yet or would be valid for too long", async () => {
    const house = await makeHouse()
    const of = house.draft()
    const long = new Date(house.time.now().getTime() + 25 * HOUR_MS).toISOString()
    expect(await house.use(house.draft({ expiresAt: long }))).toMatchObject({ body: { reason: "valid-too-long" } })
    const issuedAt = new Date(house.time.now().getTime() + HOUR_MS / 2).toISOString()
    expect(await house.use(house.draft({ issuedAt }))).toMatchObject({ body: { reason: "not-yet-valid" } })
    house.time.pass(HOUR_MS)
    expect(await house.use(of)).toMatchObject({ status: 403, body: { reason: "expired" } })
  })

  it("comes once an hour, also after a restart of the process and where the clock is set back", async () => {
    const house = await makeHouse()
    await house.use(house.draft())
    await house.restart()
    const again = () => house.draft({ before: house.start, start: house.start })
    expect(await house.use(again())).toMatchObject({ status: 403, body: { reason: "hourly-cap" } })
    house.time.setClock(-HOUR_MS / 2)
    expect((await house.use(again())).status).toBe(403)
    house.time.setClock(HOUR_MS / 2)
    house.time.pass(HOUR_MS)
    expect(await house.use(again())).toMatchObject({ status: 200 })
    expect((await house.head()).restarts).toBe(2)
  })

  it("stands in the journal with its person, reason and both events, and is refused while the custodian is locked", async () => {
    const house = await makeHouse()
    const of = house.draft()
    await house.use(of)
    const [event] = await journalOf(house.dir, "checkpoints.restarted")
    expect(event).toMatchObject({
      actor: "person-cora",
      data: { restartId: of.restartId, reason: "database-restored", by: "kept-key", beforeSeq: 7, logSeq: 9 },
    })
  })
})
