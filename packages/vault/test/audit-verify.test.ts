import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { chain, GENESIS, toLine } from "../src/audit/event.ts"
import { type AuditVerification, openAuditLog, parseCheckpoint, readCheckpoints, verifyAuditLog } from "../src/audit.ts"
import { forFlippedBits } from "./support/flipped-bits.ts"
import { fixedClock, makeSigningKey, tempDir } from "./support/workspace.ts"

const EVENTS = 12

/** A log of twelve events with checkpoints at 5, 10 and 12, and its copy. */
async function makeLog() {
  const dir = join(await tempDir(), "audit")
  const copy = join(await tempDir(), "copy.ndjson")
  const { signer, verifier } = await makeSigningKey()
  const log = await openAuditLog(dir, { signer, clock: fixedClock, checkpointEvery: 5, checkpointCopy: copy })
  for (let n = 1; n <= EVENTS; n++) await log.append({ type: "scan.started", actor: "cli", data: { items: n } })
  await log.close()
  const path = join(dir, "000000000001.ndjson")
  const own = join(dir, "checkpoints.ndjson")
  return {
    dir,
    path,
    own,
    verifier,
    signer,
    lines: (await readFile(path, "utf8")).split("\n").slice(0, -1),
    verify: () => verifyAuditLog(dir, verifier),
    verifyWithCopy: async (): Promise<AuditVerification> =>
      verifyAuditLog(dir, verifier, { checkpoints: (await readCheckpoints(copy, verifier)).checkpoints }),
    write: (lines: readonly string[]) => writeFile(path, lines.map((line) => `${line}\n`).join("")),
  }
}

/** Lines of a whole new chain of `count` events, `change` applied to the number that each carries. */
function rewritten(count: number, change: (n: number) => number): string[] {
  let before: { seq: number; hash: string } = { seq: 0, hash: GENESIS }
  return Array.from({ length: count }, (_, i) => {
    const input = { type: "scan.started", actor: "cli", data: { items: change(i + 1) } }
    const event = chain(input, fixedClock.now().toISOString(), before)
    before = event
    return toLine(event).slice(0, -1)
  })
}

describe("verifying an audit log", () => {
  it("says how far it can speak, with and without checkpoints from elsewhere", async () => {
    const { verify, verifyWithCopy, dir, signer } = await makeLog()
    expect(await verify()).toMatchObject({ ok: true, events: EVENTS, unchangedThroughSeq: 12, presentThroughSeq: 0 })
    expect(await verifyWithCopy()).toMatchObject({ ok: true, unchangedThroughSeq: 12, presentThroughSeq: 12 })
    const log = await openAuditLog(dir, { signer, clock: fixedClock })
    await log.append({ type: "scan.started", actor: "cli" })
    expect(await verifyWithCopy()).toMatchObject({ ok: true, unattested: { fromSeq: 13, throughSeq: 13 } })
    await log.close()
    expect(await verifyWithCopy()).toMatchObject({ ok: true, unchangedThroughSeq: 13, presentThroughSeq: 12 })
  })

  it("names an event that was edited", async () => {
    const { lines, write, verify } = await makeLog()
    await write(lines.map((line) => line.replace('"items":7', '"items":8')))
    expect(await verify()).toMatchObject({
      ok: false,
      events: 6,
      problem: { code: "event_edited", seq: 7, throughSeq: 7 },
    })
  })

  it("names where an edited event with its own hash renewed breaks the chain, between two checkpoints", async () => {
    const { lines, write, verify } = await makeLog()
    const sixth = JSON.parse(lines[5]!) as { seq: number; hash: string }
    const forged = chain(
      { type: "scan.started", actor: "cli", data: { items: 99 } },
      fixedClock.now().toISOString(),
      sixth,
    )
    await write(lines.with(6, toLine(forged).slice(0, -1)))
    expect(await verify()).toMatchObject({ ok: false, problem: { code: "chain_broken", seq: 6, throughSeq: 8 } })
  })

  it("says between which checkpoints a log was rewritten and hashed anew", async () => {
    const { write, verify, own, verifyWithCopy } = await makeLog()
    await write(rewritten(EVENTS, (n) => (n === 7 ? 70 : n)))
    const problem = { code: "checkpoint_differs", seq: 6, throughSeq: 10 }
    expect(await verify()).toMatchObject({ ok: false, events: 9, problem })
    await writeFile(own, "")
    expect(await verify()).toMatchObject({
      ok: true,
      unchangedThroughSeq: 0,
      unattested: { fromSeq: 1, throughSeq: 12 },
    })
    expect(await verifyWithCopy()).toMatchObject({ ok: false, problem })
  })

  it("names the first event that was cut off", async () => {
    const { lines, write, verify, own, verifyWithCopy } = await makeLog()
    await write(lines.slice(0, 10))
    expect(await verify()).toMatchObject({ ok: false, problem: { code: "log_truncated", seq: 11, throughSeq: 12 } })
    const text = await readFile(own, "utf8")
    await writeFile(own, text.split("\n").slice(0, 2).join("\n").concat("\n"))
    expect(await verify()).toMatchObject({ ok: true, unchangedThroughSeq: 10, presentThroughSeq: 0 })
    expect(await verifyWithCopy()).toMatchObject({
      ok: false,
      problem: { code: "log_truncated", seq: 11, throughSeq: 12 },
    })
  })

  it("sees that yesterday's log was put back and written on", async () => {
    const { dir, lines, write, verify, own, signer, verifyWithCopy } = await makeLog()
    await write(lines.slice(0, 10))
    await writeFile(own, (await readFile(own, "utf8")).split("\n").slice(0, 2).join("\n").concat("\n"))
    const log = await openAuditLog(dir, { signer, clock: fixedClock })
    for (let n = 0; n < 5; n++) await log.append({ type: "list.imported", actor: "cli", data: { entries: n } })
    await log.close()
    expect(await verify()).toMatchObject({ ok: true, events: 15 })
    expect(await verifyWithCopy()).toMatchObject({
      ok: false,
      problem: { code: "checkpoint_differs", seq: 11, throughSeq: 12 },
    })
  })

  it("sees events moved, removed or repeated, and a missing segment", async () => {
    const moved = await makeLog()
    await moved.write(moved.lines.with(3, moved.lines[4]!).with(4, moved.lines[3]!))
    expect((await moved.verify()).problem).toMatchObject({ code: "event_out_of_order", seq: 4 })
    await moved.write(moved.lines.toSpliced(3, 1))
    expect((await moved.verify()).problem).toMatchObject({ code: "event_out_of_order", seq: 4 })
    await moved.write(moved.lines.toSpliced(3, 0, moved.lines[3]!))
    expect((await moved.verify()).problem).toMatchObject({ code: "event_out_of_order", seq: 5 })
    await rm(moved.path)
    expect((await moved.verify()).problem).toMatchObject({ code: "log_truncated", seq: 1, throughSeq: 12 })
    await writeFile(join(moved.dir, "000000000006.ndjson"), "")
    expect((await moved.verify()).problem).toMatchObject({ code: "event_out_of_order", seq: 1 })
  })

  it("sees another key's log and another key's checkpoints", async () => {
    const one = await makeLog()
    const { verifier } = await makeSigningKey()
    expect(await verifyAuditLog(one.dir, verifier)).toMatchObject({
      ok: false,
      problem: { code: "checkpoint_untrusted", line: 1 },
    })
    const two = await makeLog()
    await writeFile(one.own, await readFile(two.own))
    expect((await one.verify()).problem).toMatchObject({ code: "checkpoint_untrusted" })
  })

  it("takes a checkpoint only in the very bytes that were signed", async () => {
    const { own, verifier, verify } = await makeLog()
    const [first = "", ...others] = (await readFile(own, "utf8")).split("\n")
    expect(parseCheckpoint(first, verifier)).toMatchObject({ seq: 5 })
    for (const line of [
      first.replace(":", ": "),
      first.replace("{", '{"seq":9,'),
      first.replace("5", "\\u0035"),
      "null",
    ]) {
      expect(parseCheckpoint(line, verifier)).toBeUndefined()
      await writeFile(own, [line, ...others].join("\n"))
      expect((await verify()).problem).toMatchObject({ code: "checkpoint_untrusted", line: 1 })
    }
  })

  it("sees bytes taken from, or put in front of, an event", async () => {
    const { lines, write, verify } = await makeLog()
    await write(lines.with(4, `junk${lines[4]!}`))
    expect((await verify()).problem).toMatchObject({ code: "event_malformed", seq: 5 })
    await write(lines.with(4, lines[4]!.replace("{", "{ ")))
    expect((await verify()).problem).toMatchObject({ code: "event_malformed", seq: 5 })
  })

  it("refuses to call a folder that is not there a clean log", async () => {
    const { verifier } = await makeSigningKey()
    await expect(verifyAuditLog("/nonexistent/audit", verifier)).rejects.toMatchObject({ code: "not_found" })
  })

  it("sees any flipped bit of any line and any checkpoint", async () => {
    const { path, own, verify } = await makeLog()
    for (const file of [path, own]) {
      await forFlippedBits(file, async () => {
        expect((await verify()).ok).toBe(false)
      })
    }
    expect((await verify()).ok).toBe(true)
  })
})
