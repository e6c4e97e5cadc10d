import { spawn } from "node:child_process"
import { once } from "node:events"
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { get, type IncomingMessage } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { TestClock } from "@nightlight/dev-env/server/cases"
import { createSigningKey, openSigner, openVerifier, publicKeyPath, toVerifier } from "@nightlight/vault"
import { readCheckpointKeys, toCheckpointLine, toHandoverLine } from "@nightlight/vault/audit"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { makeCheckpoint } from "../../../src/platform/events/checkpoint.ts"
import { httpWitness } from "../../../src/platform/events/copies/http-witness.ts"
import { copyTo } from "../../../src/platform/events/copies/job.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { parseCheckpoints, verifyLog } from "../../../src/platform/events/verify.ts"
import { createLog } from "../../../src/platform/log.ts"
import { addWitnessClient, serveWitness } from "../../../src/platform/witness/index.ts"
import { collectLog } from "../../support/app.ts"
import { createSigningCustodian } from "../../support/signing-custodian.ts"
import { asSuperuser } from "../../support/superuser.ts"

const CHILD = fileURLToPath(new URL("../../support/witness-child.ts", import.meta.url))
const home = await mkdtemp(join(tmpdir(), "nightlight-witness-"))
afterAll(() => rm(home, { recursive: true, force: true }))
const made = useDatabase()
const clock = new TestClock()

/** Somebody whose custodian signs checkpoints. */
async function aClient() {
  const path = join(home, `${crypto.randomUUID()}.pem`)
  await createSigningKey(path)
  const signer = await openSigner(path)
  const publicKey = await readFile(publicKeyPath(path), "utf8")
  const verifier = await openVerifier(publicKeyPath(path))
  const at = "2026-05-01T10:00:00.000Z"
  const line = (seq: number, hash = "a".repeat(64), more: { restarts?: number; restart?: never } = {}) =>
    toCheckpointLine({ seq, hash, at, ...more }, signer).trimEnd()
  return { path, signer, publicKey, verifier, line }
}

/** A witness in a folder of its own, with one client named `ours` unless its folder was made before. */
async function aWitness({ dir = join(home, crypto.randomUUID()) }: { readonly dir?: string } = {}) {
  const refused: string[] = []
  const running = await serveWitness({
    dir,
    host: "127.0.0.1",
    port: 0,
    clock,
    onRefused: ({ client, fault }) => void refused.push(`${client}: ${fault}`),
  })
  let isOpen = true
  const close = async () => {
    if (isOpen) await running.close()
    isOpen = false
  }
  onTestFinished(close)
  return { ...running, dir, refused, close }
}

async function placeOf(url: string, publicKey: string, key: string | undefined) {
  const keyFile = join(home, `${crypto.randomUUID()}.key`)
  await writeFile(keyFile, `${key}\n`, { mode: 0o600 })
  return httpWitness({ url, verifier: toVerifier(publicKey), keyFile })
}

/** The status of a path that no URL has. */
async function statusOf(url: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(url)
  const [response] = (await once(get({ hostname, port, path }), "response")) as [IncomingMessage]
  response.resume()
  return response.statusCode
}

/** A witness, its one client, and the place that the client's server copies to. */
async function aPair() {
  const witness = await aWitness()
  const client = await aClient()
  const { key } = await addWitnessClient(witness.dir, { name: "ours", publicKey: client.publicKey })
  const place = await placeOf(witness.url, witness.publicKey, key)
  const show = (line: string) => place.put({ restarts: 0, seq: 0, line }, clock.now())
  const kept = () => readFile(join(witness.dir, "clients/ours/checkpoints.ndjson"), "utf8")
  return { witness, client, place, key: key ?? "", show, kept }
}

describe("a witness of one's own", () => {
  it("accepts what a server's worker copies, survives a restart, and is read by audit verify", async () => {
    const { witness, client, place, key } = await aPair()
    const db = made.database.kysely
    const log = createLog({ process: "test", destination: collectLog() })
    const custodian = createSigningCustodian(client.signer, client.verifier, clock)
    const grow = async (id: number) => {
      await transact({ db, clock }, "person-1", async ({ record }) =>
        record({ type: "case.claimed", subject: `case-${id}` }),
      )
      await makeCheckpoint({ db, custodian: custodian as never, log })
    }
    const raised: unknown[] = []
    const copy = (to = place) =>
      copyTo(
        { db, clock, alarms: { raiseNow: async ({ data }) => void raised.push(data?.["fault"]) }, places: [to] },
        to,
      )
    await grow(1)
    await grow(2)
    await copy()
    await witness.close()
    const again = await aWitness({ dir: witness.dir })
    expect(again.publicKey).toBe(witness.publicKey)
    const moved = { ...(await placeOf(again.url, again.publicKey, key)), name: place.name }
    await grow(3)
    await copy(moved)
    expect(await db.selectFrom("checkpoint_receipts").select("seq").orderBy("seq").execute()).toHaveLength(3)
    const verify = async () =>
      verifyLog(db, {
        verifier: client.verifier,
        checkpoints: parseCheckpoints((await moved.read()).join("\n"), client.verifier),
      })
    expect(await verify()).toMatchObject({ ok: true, presentThroughSeq: 3 })
    // Whoever owns the database cuts the log, and signs nothing new.
    await asSuperuser(made, async ({ run }) => {
      await run("DELETE FROM events WHERE seq = 3")
      await run("DELETE FROM event_checkpoints WHERE seq = 3")
    })
    expect(await verify()).toMatchObject({ ok: false, problem: { throughSeq: 3 } })
    expect(raised).toEqual([])
  })

  it("stores a line once even if it was killed before the receipt, or left half a line", async () => {
    const dir = join(home, crypto.randomUUID())
    const client = await aClient()
    const { key } = await addWitnessClient(dir, { name: "ours", publicKey: client.publicKey })
    const child = spawn(process.execPath, ["-C", "@nightlight/source", CHILD, dir], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    const [said] = (await once(child.stdout, "data")) as [Buffer]
    const pem = await readFile(join(dir, "witness.pem.pub"), "utf8")
    const dying = await placeOf(String(said).trim(), pem, key)
    const put = { restarts: 0, seq: 1, line: client.line(1) }
    await expect(dying.put(put, clock.now())).rejects.toMatchObject({ details: { fault: "unreachable" } })
    if (child.signalCode === null) await once(child, "exit")
    expect(child.signalCode).toBe("SIGKILL")
    const file = join(dir, "clients/ours/checkpoints.ndjson")
    expect(await readFile(file, "utf8")).toBe(`${client.line(1)}\n`)
    await appendFile(file, client.line(2).slice(0, 40))
    const again = await aWitness({ dir })
    const place = await placeOf(again.url, pem, key)
    expect(await place.read()).toEqual([client.line(1)])
    expect(await place.put(put, clock.now())).toContain("nightlight-witness-receipt/1")
    await place.put({ restarts: 0, seq: 2, line: client.line(2) }, clock.now())
    expect(await readFile(file, "utf8")).toBe(`${client.line(1)}\n${client.line(2)}\n`)
  })

  it("gives a receipt for every line again to a client whose database was put back, and keeps none twice", async () => {
    const { client, show, kept } = await aPair()
    const lines = [1, 5, 9].map((seq) => client.line(seq))
    for (const line of [...lines, ...lines, client.line(11)]) expect(await show(line)).toContain("receipt")
    expect(await kept()).toBe([...lines, client.line(11)].map((line) => `${line}\n`).join(""))
  })

  it("refuses a fork at once, says which client showed it, and keeps the proof apart", async () => {
    const { witness, client, show, kept } = await aPair()
    await show(client.line(5))
    await show(client.line(9))
    const fork = client.line(9, "b".repeat(64))
    const forks = [fork, client.line(5, "b".repeat(64))]
    for (const line of forks)
      await expect(show(line)).rejects.toMatchObject({ details: { fault: "contradicted", status: 409 } })
    await expect(show(client.line(7))).rejects.toMatchObject({ details: { fault: "contradicted" } })
    expect(witness.refused).toEqual(["ours: contradicts", "ours: contradicts", "ours: went-back"])
    expect((await kept()).split("\n")).toEqual([client.line(5), client.line(9), ""])
    expect(await readFile(join(witness.dir, "clients/ours/refused.ndjson"), "utf8")).toContain(fork)
  })

  it("takes a restart that counsel signed, and refuses one that denies the line before it", async () => {
    const { client, show } = await aPair()
    const restartFrom = (before: { readonly seq: number; readonly hash: string }) =>
      client.line(4, "c".repeat(64), {
        restarts: 1,
        restart: { restartId: "restart-1", person: "person-cora", reason: "database-restored", before } as never,
      })
    await show(client.line(9))
    for (const before of [
      { seq: 9, hash: "b".repeat(64) },
      { seq: 8, hash: "a".repeat(64) },
    ]) {
      await expect(show(restartFrom(before))).rejects.toMatchObject({ details: { fault: "contradicted" } })
    }
    expect(await show(restartFrom({ seq: 9, hash: "a".repeat(64) }))).toContain("receipt")
    expect(await show(client.line(6, "c".repeat(64), { restarts: 1 }))).toContain("receipt")
    await expect(show(client.line(10))).rejects.toMatchObject({ details: { fault: "contradicted" } })
  })

  it("refuses lines that the client's key did not sign, and takes those of a key that was handed over to", async () => {
    const { witness, client, show, place } = await aPair()
    const other = await aClient()
    await show(client.line(1))
    for (const line of [other.line(2), client.line(2).replace('"seq":2', '"seq":3'), "{}", "no json", ""]) {
      await expect(show(line)).rejects.toMatchObject({ details: { fault: "refused", status: 422 } })
    }
    expect(await place.read()).toEqual([client.line(1)])
    const handover = toHandoverLine(
      { seq: 1, restarts: 0, at: "2026-05-01T10:00:00.000Z", publicKey: other.publicKey },
      client.signer,
      other.signer,
    )
    const add = (publicKey: string) => addWitnessClient(witness.dir, { name: "ours", publicKey })
    await expect(add(other.publicKey)).rejects.toMatchObject({ code: "state_conflict" })
    expect(await add(client.publicKey + handover)).toEqual({})
    expect(await show(other.line(2))).toContain("receipt")
    await expect(show(client.line(3))).rejects.toMatchObject({ details: { status: 422 } })
  })

  it("shows and accepts nothing without a client's key, and keeps clients apart", async () => {
    const { witness, client, place, key } = await aPair()
    const other = await aClient()
    const theirs = await addWitnessClient(witness.dir, { name: "theirs", publicKey: other.publicKey })
    await place.put({ restarts: 0, seq: 1, line: client.line(1) }, clock.now())
    const their = await placeOf(witness.url, witness.publicKey, theirs.key)
    expect(await their.read()).toEqual([])
    await expect(their.put({ restarts: 0, seq: 1, line: client.line(1) }, clock.now())).rejects.toMatchObject({
      details: { status: 422 },
    })
    for (const wrong of [undefined, `nlw-${"A".repeat(43)}`, key.slice(0, -1)]) {
      const stranger = await placeOf(witness.url, witness.publicKey, wrong)
      await expect(stranger.read()).rejects.toMatchObject({ details: { status: 401 } })
    }
    await addWitnessClient(witness.dir, { name: "ours", publicKey: client.publicKey, anotherKey: true })
    await expect(place.read()).rejects.toMatchObject({ details: { status: 401 } })
    await expect(addWitnessClient(witness.dir, { name: "../up", publicKey: client.publicKey })).rejects.toMatchObject({
      code: "input_invalid",
    })
  })

  it("bounds bodies, methods and paths, and a second one on its folder does not start", async () => {
    const { witness, key } = await aPair()
    const call = (path: string, init: RequestInit) =>
      fetch(new URL(path, witness.url), { ...init, headers: { authorization: `Bearer ${key}` } })
    const body = JSON.stringify({ line: "x".repeat(17_000) })
    expect((await call("/checkpoints", { method: "POST", body })).status).toBe(413)
    expect((await call("/checkpoints", { method: "POST", body: '{"line":"a\\nb"}' })).status).toBe(400)
    expect((await call("/checkpoints?from=-1", {})).status).toBe(400)
    expect((await call("/checkpoints", { method: "DELETE" })).status).toBe(405)
    expect((await call("/clients.json", {})).status).toBe(404)
    expect(await statusOf(witness.url, "//[")).toBe(400)
    await expect(serveWitness({ dir: witness.dir, host: "127.0.0.1", port: 0 })).rejects.toMatchObject({
      code: "locked",
      message: "a witness already runs on this folder",
    })
  })

  it("is trusted only by its pinned key", async () => {
    const { client, witness, key } = await aPair()
    const other = await aClient()
    const place = await placeOf(witness.url, other.publicKey, key)
    await expect(place.put({ restarts: 0, seq: 1, line: client.line(1) }, clock.now())).rejects.toMatchObject({
      details: { fault: "receipt-wrong" },
    })
    expect(readCheckpointKeys(witness.publicKey).current.keyId).not.toBe(other.verifier.keyId)
  })
})
