import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { openVerifier, publicKeyPath } from "@nightlight/vault"
import { AUDIT_GENESIS, chainAuditEvent, parseCheckpoint, readCheckpoints, toAuditLine } from "@nightlight/vault/audit"
import { describe, expect, it } from "vitest"
import { custodianLayout } from "../src/index.ts"
import { serve } from "../src/service/serve.ts"
import { sha256, tempDir } from "./support/folders.ts"
import { post } from "./support/people.ts"
import { journalOf, refusalsOf, serveSite } from "./support/serving.ts"

const head = (seq: number, of = "log") => ({ seq, hash: sha256(`${of} ${seq}`) })

async function makeHouse() {
  const copy = join(await tempDir(), "copy.ndjson")
  const served = await serveSite({ config: { checkpointCopy: copy }, locked: true })
  const layout = custodianLayout(served.dir)
  const verifier = await openVerifier(publicKeyPath(layout.checkpointKey))
  const sign = (body: unknown) => post(served.socket, "/v1/checkpoints", body)
  return { ...served, copy, layout, verifier, sign }
}

describe("a checkpoint of the server's log", () => {
  it("is signed, and kept here and in the copy", async () => {
    const { sign, verifier, layout, copy } = await makeHouse()
    const { status, body } = await sign(head(7))
    expect(status).toBe(200)
    expect(parseCheckpoint((body as { line: string }).line, verifier)).toMatchObject(head(7))
    await sign(head(9))
    for (const file of [layout.checkpoints, copy]) {
      const { checkpoints, untrustedLines } = await readCheckpoints(file, verifier)
      expect(checkpoints.map(({ seq }) => seq)).toEqual([7, 9])
      expect(untrustedLines).toEqual([])
    }
  })

  it("is not one of the custodian's own journal", async () => {
    const { sign, layout } = await makeHouse()
    const { body } = await sign(head(1))
    const journalKey = await openVerifier(publicKeyPath(layout.journalKey))
    expect(parseCheckpoint((body as { line: string }).line, journalKey)).toBeUndefined()
  })

  it("is the same line when it is asked for again, also after a restart", async () => {
    const house = await makeHouse()
    const first = await house.sign(head(7))
    await house.restart()
    expect(await house.sign(head(7))).toEqual(first)
  })

  it("is refused of a log that went back or was rewritten, also after a restart", async () => {
    const house = await makeHouse()
    await house.sign(head(7))
    await house.restart()
    expect(await house.sign(head(6))).toMatchObject({ status: 409, body: { reason: "checkpoint-went-back", last: 7 } })
    expect(await house.sign(head(7, "other"))).toMatchObject({ body: { reason: "checkpoint-contradicts" } })
    expect(await refusalsOf(house.dir)).toEqual(["checkpoint-went-back", "checkpoint-contradicts"])
  })

  it("stays refused when the file of checkpoints was rolled back: the journal knows", async () => {
    const house = await makeHouse()
    await house.sign(head(5))
    const before = await readFile(house.layout.checkpoints, "utf8")
    await house.sign(head(7))
    await house.stop()
    await writeFile(house.layout.checkpoints, before)
    await house.restart()
    expect(await house.sign(head(6))).toMatchObject({ body: { reason: "checkpoint-went-back" } })
    expect(await house.sign(head(7, "other"))).toMatchObject({ body: { reason: "checkpoint-contradicts" } })
  })
})

describe("a custodian does not start", () => {
  it("on checkpoints that its key did not sign", async () => {
    const house = await makeHouse()
    await house.sign(head(7))
    await house.stop()
    const text = await readFile(house.layout.checkpoints, "utf8")
    await writeFile(house.layout.checkpoints, text.replace('"seq":7', '"seq":3'))
    await expect(serve(house.dir)).rejects.toMatchObject({ code: "audit_chain_broken" })
  })

  it("on a journal that was cut off, rewritten or restored from before", async () => {
    const house = await makeHouse()
    await house.sign(head(7))
    await house.stop()
    const file = join(house.layout.journal, "000000000001.ndjson")
    const text = await readFile(file, "utf8")
    for (const harmed of [
      text.split("\n").slice(0, 1).join("\n").concat("\n"),
      text.replace('"logSeq":7', '"logSeq":8'),
    ]) {
      await writeFile(file, harmed)
      await expect(serve(house.dir)).rejects.toMatchObject({ code: "audit_chain_broken" })
    }
    await writeFile(file, text)
    await house.restart()
    expect(await house.sign(head(7))).toMatchObject({ status: 200 })
  })

  it("on a journal whose events were edited and hashed again, with more behind them", async () => {
    const house = await makeHouse()
    await house.sign(head(7))
    await house.stop()
    const lines: string[] = []
    let before = { seq: 0, hash: AUDIT_GENESIS }
    for (const event of [...(await journalOf(house.dir)), { type: "canary.added", actor: "x", at: "", data: {} }]) {
      const { type, actor, data } = event
      const edited = type === "checkpoint.signed" ? { ...data, logHash: "0".repeat(64) } : data
      const again = chainAuditEvent({ type, actor, data: edited }, event.at, before)
      lines.push(toAuditLine(again))
      before = again
    }
    await writeFile(join(house.layout.journal, "000000000001.ndjson"), lines.join(""))
    await expect(serve(house.dir)).rejects.toMatchObject({
      code: "audit_chain_broken",
      details: { problem: "checkpoint_differs" },
    })
  })
})
