import { appendFile, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type AuditLogOptions, openAuditLog, readAuditEvents, readCheckpoints, verifyAuditLog } from "../src/audit.ts"
import { collect, fixedClock, makeSigningKey, tempDir } from "./support/workspace.ts"

async function makeLog(options: Partial<AuditLogOptions> = {}) {
  const dir = join(await tempDir(), "audit")
  const copy = join(await tempDir(), "checkpoints.ndjson")
  const { signer, verifier } = await makeSigningKey()
  const open = () => openAuditLog(dir, { signer, clock: fixedClock, checkpointCopy: copy, ...options })
  const verify = () => verifyAuditLog(dir, verifier)
  return { dir, copy, signer, verifier, open, verify }
}

const started = (n: number) => ({ type: "scan.started", actor: "cli", data: { scanId: `scan-${n}`, items: n } })

describe("an audit log", () => {
  it("keeps events in order, chained, over several openings and segments", async () => {
    const { dir, open, verify } = await makeLog({ segmentBytes: 600 })
    for (let opening = 0; opening < 3; opening++) {
      const log = await open()
      for (let n = 0; n < 4; n++) await log.append(started(opening * 4 + n))
      await log.close()
    }
    const events = await collect(readAuditEvents(dir))
    expect(events.map((event) => event.data["items"])).toEqual([...Array(12).keys()])
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
    expect((await readdir(dir)).filter((name) => /^\d{12}\.ndjson$/.test(name)).length).toBeGreaterThan(2)
    expect(await verify()).toMatchObject({
      ok: true,
      events: 12,
      repairs: [],
      unchangedThroughSeq: 12,
      presentThroughSeq: 0,
    })
  })

  it("writes calls made at once together, each with its own answer", async () => {
    const { dir, open, verify } = await makeLog()
    await using log = await open()
    const singles = Array.from({ length: 50 }, (_, n) => log.append(started(n)))
    const batch = log.appendAll([started(50), started(51)])
    const events = [...(await Promise.all(singles)), ...(await batch)]
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 52 }, (_, i) => i + 1))
    expect(await collect(readAuditEvents(dir))).toEqual(events)
    expect((await verify()).ok).toBe(true)
  })

  it("answers an append made in the very turn another one ended", async () => {
    const { open } = await makeLog()
    await using log = await open()
    for (let n = 0; n < 20; n++) {
      await log.append(started(n)).then(() => log.append(started(n)))
    }
    expect((await log.append(started(0))).seq).toBe(41)
  })

  it("takes turns with another process's log on the same folder", async () => {
    const { dir, open, verify } = await makeLog()
    const [one, two] = [await open(), await open()]
    await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : two).append(started(n))))
    await Promise.all([one.close(), two.close()])
    expect((await collect(readAuditEvents(dir))).length).toBe(20)
    expect(await verify()).toMatchObject({ ok: true, unchangedThroughSeq: 20 })
  })

  it("signs a checkpoint after as many events as it was told, and copies each", async () => {
    const { dir, copy, verifier, open } = await makeLog({ checkpointEvery: 3 })
    const log = await open()
    for (let n = 0; n < 7; n++) await log.append(started(n))
    await log.close()
    const own = await readCheckpoints(join(dir, "checkpoints.ndjson"), verifier)
    expect(own.checkpoints.map((checkpoint) => checkpoint.seq)).toEqual([3, 6, 7])
    expect(await readFile(copy, "utf8")).toBe(await readFile(join(dir, "checkpoints.ndjson"), "utf8"))
    await (await open()).close()
    expect((await readCheckpoints(copy, verifier)).checkpoints).toEqual(own.checkpoints)
  })

  it("still keeps the event when the copy cannot be written, and says so at the end", async () => {
    const { open, verify } = await makeLog({ checkpointEvery: 1, checkpointCopy: "/nonexistent/folder/copy.ndjson" })
    const log = await open()
    expect(await log.append(started(1))).toMatchObject({ seq: 1 })
    await expect(log.close()).rejects.toMatchObject({ code: "write_failed" })
    expect(await verify()).toMatchObject({ ok: true, events: 1 })
  })

  it("brings a copy that missed some checkpoints up to date", async () => {
    const { dir, copy, verifier, signer, open } = await makeLog()
    const alone = await openAuditLog(dir, { signer, clock: fixedClock, checkpointEvery: 1 })
    for (let n = 0; n < 3; n++) await alone.append(started(n))
    await alone.close()
    await (await open()).close()
    expect((await readCheckpoints(copy, verifier)).checkpoints.map((checkpoint) => checkpoint.seq)).toEqual([1, 2, 3])
  })

  it("takes ids, codes, counts, times and short lists of them", async () => {
    const { open } = await makeLog()
    await using log = await open()
    const data = {
      scanId: "scan-1",
      digest: "a".repeat(64),
      recipient: `age1${"q".repeat(58)}`,
      at: "2026-01-01T00:00:00.000Z",
      counts: { clear: 1, review: 0 },
      ids: ["a", "b"],
      none: null,
      left: undefined,
      partial: false,
    }
    const { left: _, ...kept } = data
    expect((await log.append({ type: "scan.finished", actor: "person:ab-12", data })).data).toEqual(kept)
  })

  it.each([
    ["a sentence", { data: { note: "a canary sentence" } }],
    ["a long text", { data: { note: "c".repeat(81) } }],
    ["a URL", { data: { url: "https://canary.test/a" } }],
    ["a path", { data: { name: "canary/a.jpg" } }],
    ["a line break", { data: { note: "a\nb" } }],
    ["a number that is none", { data: { count: Number.NaN } }],
    ["a deep object", { data: { a: { b: { c: { d: 1 } } } } }],
    ["an odd member name", { data: { "canary name": 1 } }],
    ["a function", { data: { run: (() => 1) as never } }],
    ["too much", { data: { ids: Array(200).fill("c".repeat(70)) } }],
    ["a type that is no code", { type: "Scan started" }],
    ["a type of its own", { type: "log.repaired" }],
    ["no actor", { actor: "" }],
    ["a person's name as actor", { actor: "canary name" }],
  ])("refuses %s without repeating it", async (_, part) => {
    const { open, verify } = await makeLog()
    await using log = await open()
    const failure: unknown = await log.append({ ...started(1), ...part }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: "input_invalid" })
    expect((failure as Error).message).not.toMatch(/canary|https/)
    expect((await verify()).events).toBe(0)
  })

  it("refuses to go on after close, and closes twice without harm", async () => {
    const { open } = await makeLog()
    const log = await open()
    await log.close()
    await log.close()
    await expect(log.append(started(1))).rejects.toMatchObject({ code: "state_conflict" })
  })

  it("is closed for whoever closes it again only once all is on disk", async () => {
    const { open, verify } = await makeLog()
    const log = await open()
    const appended = log.append(started(1))
    const closed = log.close()
    await log.close()
    expect(await verify()).toMatchObject({ ok: true, events: 1, unchangedThroughSeq: 1 })
    await Promise.all([appended, closed])
  })

  it("lets its owner alone read", async () => {
    const { dir, open } = await makeLog()
    const log = await open()
    await log.append(started(1))
    await log.close()
    expect((await stat(dir)).mode & 0o777).toBe(0o700)
    for (const name of ["000000000001.ndjson", "checkpoints.ndjson"]) {
      expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600)
    }
  })

  it("says in an event what was left half-written, whatever bytes, and keeps them in the file", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 300 }).filter((bytes) => !bytes.includes(0x0a)),
        fc.boolean(),
        async (torn, twice) => {
          const { dir, open, verify } = await makeLog()
          const path = join(dir, "000000000001.ndjson")
          let log = await open()
          await log.append(started(1))
          await log.close()
          await appendFile(path, torn)
          expect(await verify()).toMatchObject({ ok: false, problem: { code: "tail_torn", seq: 2 } })
          if (twice) await appendFile(path, '{"actor":"audit-log","at":"2026')
          log = await open()
          await log.append(started(2))
          await log.close()
          expect(await verify()).toMatchObject({ ok: true, events: 3, repairs: [2] })
          expect((await readFile(path)).includes(Buffer.from(torn))).toBe(true)
          const [, repaired] = await collect(readAuditEvents(dir))
          expect(repaired).toMatchObject({ type: "log.repaired", data: { part: "events" } })
        },
      ),
      { numRuns: 15 },
    )
  })

  it("says so too when an event was whole but for its newline, and when another process was killed meanwhile", async () => {
    const { dir, open, verify } = await makeLog()
    const path = join(dir, "000000000001.ndjson")
    const log = await open()
    await log.append(started(1))
    const line = await readFile(path)
    await appendFile(path, line.subarray(0, -1))
    await log.append(started(2))
    await log.close()
    expect(await verify()).toMatchObject({ ok: true, events: 3, repairs: [2] })
  })

  it("says so when a checkpoint, or its copy, was left half-written", async () => {
    const { dir, copy, open, verify } = await makeLog()
    const log = await open()
    await log.append(started(1))
    await log.close()
    for (const path of [join(dir, "checkpoints.ndjson"), copy]) await appendFile(path, '{"at":"2026')
    expect(await verify()).toMatchObject({ ok: false, problem: { code: "tail_torn" } })
    await (await open()).close()
    expect(await verify()).toMatchObject({ ok: true, events: 3, repairs: [2, 3], unchangedThroughSeq: 3 })
    expect(await readFile(copy, "utf8")).toBe(await readFile(join(dir, "checkpoints.ndjson"), "utf8"))
  })

  it("goes on after a segment that a killed process left empty or with half an event", async () => {
    for (const left of ["", '{"actor":"cl']) {
      const { dir, open, verify } = await makeLog()
      let log = await open()
      await log.append(started(1))
      await log.close()
      await writeFile(join(dir, "000000000002.ndjson"), left, { mode: 0o600 })
      log = await open()
      await log.append(started(2))
      await log.close()
      expect(await verify()).toMatchObject({ ok: true, events: left === "" ? 2 : 3 })
    }
  })

  it.each(["edited", "cut off", "emptied", "replaced by an earlier one"])(
    "does not continue a log whose end was %s",
    async (how) => {
      const { dir, copy, open } = await makeLog()
      const path = join(dir, "000000000001.ndjson")
      const log = await open()
      await log.append(started(1))
      const earlier = await readFile(path)
      await log.append(started(2))
      await log.close()
      const now = await readFile(path, "utf8")
      if (how === "edited") await writeFile(path, now.replace("scan-2", "scan-9"))
      if (how === "cut off") await writeFile(path, earlier)
      if (how === "emptied") await writeFile(path, "")
      if (how !== "replaced by an earlier one") await rm(copy)
      if (how === "replaced by an earlier one") {
        await writeFile(path, earlier)
        await writeFile(join(dir, "checkpoints.ndjson"), "")
      }
      await expect(open()).rejects.toMatchObject({ code: "audit_chain_broken" })
    },
  )
})
