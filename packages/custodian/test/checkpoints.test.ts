import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { sha256, tempDir } from "@nightlight/dev-env/custodian/folders"
import { get, post } from "@nightlight/dev-env/custodian/people"
import { journalOf, refusalsOf, serveSite, turnableTime } from "@nightlight/dev-env/custodian/serving"
import { openVerifier, publicKeyPath } from "@nightlight/vault"
import { AUDIT_GENESIS, chainAuditEvent, parseCheckpoint, readCheckpoints, toAuditLine } from "@nightlight/vault/audit"
import { describe, expect, it } from "vitest"
import { custodianLayout } from "../src/index.ts"
import { serve } from "../src/service/serve.ts"
import { aLog, GENESIS } from "./support/log.ts"

async function makeInstallation(config: Readonly<Record<string, unknown>> = {}, time = turnableTime()) {
  const copy = join(await tempDir(), "copy.ndjson")
  const served = await serveSite({ config: { checkpointCopy: copy, ...config }, locked: true, time: time.sources })
  const layout = custodianLayout(served.dir)
  const verifier = await openVerifier(publicKeyPath(layout.checkpointKey))
  const sign = (body: unknown) => post(served.socket, "/v1/checkpoints", body)
  const head = async () => (await get(served.socket, "/v1/checkpoints/head")).body
  return { ...served, copy, layout, verifier, sign, head, time }
}

describe("a checkpoint of the server's log", () => {
  it("is signed over the received lines, and stored here and in the copy", async () => {
    const { sign, verifier, layout, copy, head } = await makeInstallation()
    const log = aLog()
    expect(await head()).toEqual({ ...GENESIS, restarts: 0, line: null })
    const { status, body } = await sign({ after: GENESIS, lines: log.lines(7) })
    expect(status).toBe(200)
    const { line } = body as { line: string }
    expect(parseCheckpoint(line, verifier)).toMatchObject(log.head)
    expect(await head()).toEqual({ ...log.head, restarts: 0, line })
    await sign({ after: log.head, lines: log.lines(2) })
    for (const file of [layout.checkpoints, copy]) {
      const { checkpoints, untrustedLines } = await readCheckpoints(file, verifier)
      expect(checkpoints.map(({ seq }) => seq)).toEqual([7, 9])
      expect(untrustedLines).toEqual([])
    }
  })

  it("is not one of the custodian's own journal", async () => {
    const { sign, layout } = await makeInstallation()
    const { body } = await sign({ after: GENESIS, lines: aLog().lines(1) })
    const journalKey = await openVerifier(publicKeyPath(layout.journalKey))
    expect(parseCheckpoint((body as { line: string }).line, journalKey)).toBeUndefined()
  })

  it("is the same line when the head is asked for after a restart", async () => {
    const installation = await makeInstallation()
    const { body } = await installation.sign({ after: GENESIS, lines: aLog().lines(7) })
    await installation.restart()
    expect(await installation.head()).toMatchObject(body as object)
  })

  it("is not signed over a number and a hash alone, and correct checkpoints continue afterwards", async () => {
    const installation = await makeInstallation()
    const log = aLog()
    await installation.sign({ after: GENESIS, lines: log.lines(3) })
    for (const body of [
      { seq: Number.MAX_SAFE_INTEGER, hash: sha256("any") },
      { after: { seq: Number.MAX_SAFE_INTEGER, hash: sha256("any") }, lines: [] },
      { after: { seq: -1, hash: sha256("any") }, lines: ["{}"] },
      { after: log.head, lines: [""] },
      { after: log.head, lines: ["{}"] },
      { after: log.head, lines: [42] },
    ]) {
      expect((await installation.sign(body)).status).toBeGreaterThanOrEqual(400)
    }
    const far = { seq: Number.MAX_SAFE_INTEGER - 1, hash: sha256("any") }
    const line = toAuditLine(chainAuditEvent({ type: "a.b", actor: "x" }, "2026-06-01T12:00:00.000Z", far)).trimEnd()
    expect(await installation.sign({ after: far, lines: [line] })).toMatchObject({
      body: { reason: "checkpoint-not-shown" },
    })
    expect(await installation.sign({ after: log.head, lines: [line] })).toMatchObject({
      body: { reason: "log-broken" },
    })
    expect(await installation.sign({ after: log.head, lines: log.lines(1) })).toMatchObject({ status: 200 })
  })

  it("is refused for a log that went back or was rewritten, also after a restart", async () => {
    const installation = await makeInstallation()
    const log = aLog()
    const first = log.lines(6)
    const before = log.head
    const other = log.fork()
    await installation.sign({ after: GENESIS, lines: [...first, ...log.lines(1)] })
    await installation.restart()
    expect(await installation.sign({ after: before, lines: log.lines(1) })).toMatchObject({
      status: 409,
      body: { reason: "checkpoint-went-back", last: 7 },
    })
    other.lines(1, { actor: "person-2" })
    expect(await installation.sign({ after: other.head, lines: other.lines(1) })).toMatchObject({
      body: { reason: "checkpoint-contradicts" },
    })
    expect(await refusalsOf(installation.dir)).toEqual(["checkpoint-went-back", "checkpoint-contradicts"])
  })

  it("is refused for lines with a gap, a fork, an edit, a repetition or another order; none of them moves the head", async () => {
    const installation = await makeInstallation()
    const log = aLog()
    await installation.sign({ after: GENESIS, lines: log.lines(2) })
    const { head } = log
    const fork = log.fork()
    const [a = "", b = "", c = ""] = log.lines(3)
    const [forked = ""] = fork.lines(1, { actor: "person-2" })
    const text = JSON.parse(b) as object
    const free = `${JSON.stringify({ ...text, data: { note: "a sentence of words" } })}`
    for (const lines of [
      [b],
      [a, c],
      [a, a],
      [b, a],
      [forked, b],
      [a, b.replace("person-1", "person-2")],
      [a, ` ${b}`],
      [a, `${b}\n${c}`],
      [a, free],
    ]) {
      expect(await installation.sign({ after: head, lines })).toMatchObject({
        status: 409,
        body: { reason: "log-broken" },
      })
    }
    expect(await installation.head()).toMatchObject(head)
    expect(await installation.sign({ after: head, lines: [a, b, c] })).toMatchObject({ status: 200 })
  })

  it("is refused for events from the future, and for times that run back, within a page or across a restart", async () => {
    const installation = await makeInstallation()
    const log = aLog()
    await installation.sign({ after: GENESIS, lines: log.lines(1) })
    const { head } = log
    const ahead = (at: string) => [log.fork().lines(1, { at })[0]]
    expect(await installation.sign({ after: head, lines: ahead("2026-06-01T12:11:00.000Z") })).toMatchObject({
      body: { reason: "log-time-ahead", seq: 2 },
    })
    for (const at of ["2026-06-01T10:50:00.000Z", "2026-06-01", "+275760-09-13T00:00:00.000Z", "never"]) {
      const { body } = await installation.sign({ after: head, lines: ahead(at) })
      expect(["log-time-back", "log-time-ahead"]).toContain((body as { reason: string }).reason)
    }
    await installation.restart()
    expect(await installation.sign({ after: head, lines: ahead("2026-06-01T10:50:00.000Z") })).toMatchObject({
      body: { reason: "log-time-back" },
    })
    // Clocks of two servers differ a little: together they may not walk back.
    expect(await installation.sign({ after: head, lines: ahead("2026-06-01T10:55:00.000Z") })).toMatchObject({
      status: 200,
    })
  })

  it("is refused for more lines or bytes than one call may carry, before they are read", async () => {
    const installation = await makeInstallation()
    const lines = aLog().lines(1_001)
    expect(await installation.sign({ after: GENESIS, lines })).toMatchObject({
      status: 400,
      body: { reason: "malformed" },
    })
    const many = Array.from({ length: 1_000_000 }, () => "0123456789")
    expect(await installation.sign({ after: GENESIS, lines: many })).toMatchObject({ status: 413 })
    expect(await installation.sign({ after: GENESIS, lines: lines.slice(0, 1_000) })).toMatchObject({ status: 200 })
  })

  it("is refused above the hourly cap, also after a restart, and an hour later signed again", async () => {
    const installation = await makeInstallation({ caps: { checkpoint: { total: 2 } } })
    const log = aLog()
    for (let count = 0; count < 2; count++) await installation.sign({ after: log.head, lines: log.lines(1) })
    const { head } = log
    const lines = log.lines(1)
    expect(await installation.sign({ after: head, lines })).toMatchObject({
      status: 403,
      body: { reason: "hourly-cap" },
    })
    await installation.restart()
    expect(await installation.sign({ after: head, lines })).toMatchObject({
      status: 403,
      body: { reason: "hourly-cap" },
    })
    installation.time.pass(3_600_000)
    expect(await installation.sign({ after: head, lines })).toMatchObject({ status: 200 })
  })

  it("belongs to one log when two servers send theirs at once: the other is refused", async () => {
    const installation = await makeInstallation()
    const log = aLog()
    const other = aLog()
    const answers = await Promise.all([
      installation.sign({ after: GENESIS, lines: log.lines(2) }),
      installation.sign({ after: GENESIS, lines: other.lines(2, { actor: "person-2" }) }),
    ])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
  })

  it("is written at the next start when the process was killed between journal and file", async () => {
    const installation = await makeInstallation()
    const log = aLog()
    await installation.sign({ after: GENESIS, lines: log.lines(5) })
    const before = await readFile(installation.layout.checkpoints, "utf8")
    await installation.sign({ after: log.head, lines: log.lines(2) })
    const after = await readFile(installation.layout.checkpoints, "utf8")
    await installation.stop()
    await writeFile(installation.layout.checkpoints, before)
    await installation.restart()
    expect(await readFile(installation.layout.checkpoints, "utf8")).toBe(after)
    expect(await installation.head()).toMatchObject(log.head)
  })
})

describe("a custodian does not start", () => {
  it("on checkpoints that its key did not sign", async () => {
    const installation = await makeInstallation()
    await installation.sign({ after: GENESIS, lines: aLog().lines(7) })
    await installation.stop()
    const text = await readFile(installation.layout.checkpoints, "utf8")
    await writeFile(installation.layout.checkpoints, text.replace('"seq":7', '"seq":3'))
    await expect(serve(installation.dir)).rejects.toMatchObject({ code: "audit_chain_broken" })
  })

  it("on a journal that was cut off, rewritten or restored from before", async () => {
    const installation = await makeInstallation()
    await installation.sign({ after: GENESIS, lines: aLog().lines(7) })
    await installation.stop()
    const file = join(installation.layout.journal, "000000000001.ndjson")
    const text = await readFile(file, "utf8")
    for (const harmed of [
      text.split("\n").slice(0, 1).join("\n").concat("\n"),
      text.replace('"logSeq":7', '"logSeq":8'),
    ]) {
      await writeFile(file, harmed)
      await expect(serve(installation.dir)).rejects.toMatchObject({ code: "audit_chain_broken" })
    }
    await writeFile(file, text)
    await installation.restart()
    expect(await installation.head()).toMatchObject({ seq: 7 })
  })

  it("on a journal whose events were edited and hashed again, with more behind them", async () => {
    const installation = await makeInstallation()
    await installation.sign({ after: GENESIS, lines: aLog().lines(7) })
    await installation.stop()
    const lines: string[] = []
    let before = { seq: 0, hash: AUDIT_GENESIS }
    for (const event of [
      ...(await journalOf(installation.dir)),
      { type: "canary.added", actor: "x", at: "", data: {} },
    ]) {
      const { type, actor, data } = event
      const edited = type === "checkpoint.signed" ? { ...data, logHash: "0".repeat(64) } : data
      const again = chainAuditEvent({ type, actor, data: edited }, event.at, before)
      lines.push(toAuditLine(again))
      before = again
    }
    await writeFile(join(installation.layout.journal, "000000000001.ndjson"), lines.join(""))
    await expect(serve(installation.dir)).rejects.toMatchObject({
      code: "audit_chain_broken",
      details: { problem: "checkpoint_differs" },
    })
  })
})
