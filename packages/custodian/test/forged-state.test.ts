import { cp, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { JsonValue } from "@nightlight/core"
import { PASSPHRASE, sha256, tempDir } from "@nightlight/dev-env/custodian/folders"
import { enrol, makePerson, post, prove, viewingGrant } from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { journalOf, serveSite } from "@nightlight/dev-env/custodian/serving"
import { signDocument } from "@nightlight/durable"
import { openSigner, openVerifier, publicKeyPath } from "@nightlight/vault"
import {
  AUDIT_GENESIS,
  type AuditEvent,
  type AuditInput,
  chainAuditEvent,
  readCheckpoints,
  toAuditLine,
  toCheckpointLine,
} from "@nightlight/vault/audit"
import { describe, expect, it, onTestFinished } from "vitest"
import { createCustodianClient, custodianLayout } from "../src/index.ts"
import { serve } from "../src/service/serve.ts"

const NEVER = "2026-01-01T00:00:00.000Z"

/** Enrolments as somebody signs them who has the folder, and not the passphrase. */
async function forge(dir: string, content: { version: number; people: JsonValue; invites?: JsonValue; seal?: string }) {
  const { journalKey, enrolments } = custodianLayout(dir)
  const body = { format: "nightlight-enrolments/1", invites: [], seal: "", ...content }
  const text = `${JSON.stringify(signDocument(body, await openSigner(journalKey)), null, 2)}\n`
  await writeFile(enrolments, text, { mode: 0o600 })
  return sha256(text)
}

/** The journal as somebody writes it who has the folder, and not the passphrase: chained, and signed anew. */
async function rewriteJournal(
  dir: string,
  change: (events: readonly AuditEvent[]) => readonly (AuditInput & { at?: string })[],
) {
  const { journal, journalKey } = custodianLayout(dir)
  let before = { seq: 0, hash: AUDIT_GENESIS }
  let at = NEVER
  const lines = change(await journalOf(dir)).map((input) => {
    at = input.at ?? at
    const event = chainAuditEvent(input, at, before)
    before = event
    return toAuditLine(event)
  })
  await writeFile(join(journal, "000000000001.ndjson"), lines.join(""))
  const line = toCheckpointLine({ seq: before.seq, hash: before.hash, at }, await openSigner(journalKey))
  await writeFile(join(journal, "checkpoints.ndjson"), line)
}

async function forgedPeople() {
  const people = [await makePerson("ann"), await makePerson("ben")]
  return {
    people,
    entries: people.map(({ id, key }) => ({
      person: id,
      publicKey: key.publicKey,
      roles: ["senior-reviewer", "reporter", "counsel"],
      enrolledAt: NEVER,
    })),
  }
}

/** Starts as the host's supervisor does, with the passphrase; answers what it says of itself. */
async function startAgain(dir: string) {
  const serving = await serve(dir, { passphrase: PASSPHRASE })
  onTestFinished(() => serving[Symbol.asyncDispose]())
  return { socket: serving.socket, state: await createCustodianClient(serving.socket).state() }
}

describe("somebody with the custodian's folder and without its passphrase", () => {
  it.each([
    ["a version ahead", 3],
    ["the same version with other people", 2],
    ["an earlier version", 1],
    ["a version far ahead", 9_007_199_254_740_991],
  ])("enrols nobody by %s of the enrolments: the start is refused and the journal says so", async (_, version) => {
    const served = await serveSite()
    await enrol(served.socket, "ann", ["reviewer"])
    await served.stop()
    const { entries } = await forgedPeople()
    await forge(served.dir, { version, people: entries })
    await expect(serve(served.dir, { passphrase: PASSPHRASE })).rejects.toMatchObject({ code: "key_unusable" })
    expect(await journalOf(served.dir, "custodian.doubted")).toMatchObject([{ data: { part: "enrolments" } }])
  })

  it("enrols nobody where nobody was enrolled before", async () => {
    const served = await serveSite({ locked: true })
    await served.stop()
    const { entries } = await forgedPeople()
    for (const version of [0, 1]) {
      await forge(served.dir, { version, people: entries })
      await expect(serve(served.dir, { passphrase: PASSPHRASE })).rejects.toMatchObject({ code: "key_unusable" })
    }
  })

  it.each(["", "the seal of the file before"])(
    "opens nothing with enrolments that a rewritten journal announces, sealed with %j: the passphrase does not unlock it",
    async (seal) => {
      const served = await serveSite()
      await enrol(served.socket, "ann", ["reviewer"])
      const evidence = await served.seal({ evidenceId: "item-1", content: await picture() })
      await served.stop()
      const { people, entries } = await forgedPeople()
      const old = JSON.parse(await readFile(custodianLayout(served.dir).enrolments, "utf8")) as { seal: string }
      const fileSha256 = await forge(served.dir, { version: 3, people: entries, seal: seal === "" ? "" : old.seal })
      const sealOf = (events: readonly AuditEvent[]) => events.findLast(({ data }) => "seal" in data)?.data["seal"]
      await rewriteJournal(served.dir, (events) => [
        ...events,
        { type: "enrolment.completed", actor: "ann", data: { version: 3, fileSha256, seal: sealOf(events) } },
      ])
      const { socket, state } = await startAgain(served.dir)
      expect(state).toMatchObject({ state: "locked", doubt: "journal" })
      const [ann, ben] = people
      if (ann === undefined || ben === undefined) throw new Error("expected two people")
      const { grant } = await viewingGrant(ann, evidence, { purpose: "original" })
      expect(await post(socket, "/v1/viewings", await prove(grant, ann, ben))).toMatchObject({
        body: { reason: "locked" },
      })
      const unlocking = createCustodianClient(socket).unlock(PASSPHRASE)
      await expect(unlocking).rejects.toMatchObject({ code: "audit_chain_broken" })
    },
  )

  it("neither adds a filing authorisation to the journal nor removes the end of one", async () => {
    const authorisation = {
      authorisationId: "authorisation-1",
      environment: "test",
      lists: ["a"],
      dailyCap: 9,
      counsel: "ann",
      reporter: "ben",
      expiresAt: "2099-01-01T00:00:00.000Z",
      authorisationSha256: sha256("any"),
    }
    for (const change of [
      (events: readonly AuditEvent[]) => [
        ...events,
        { type: "filing-authorisation.granted", actor: "ann", data: authorisation },
      ],
      (events: readonly AuditEvent[]) => events.filter(({ type }) => type !== "enrolment.revoked"),
      (events: readonly AuditEvent[]) => events.map((event) => ({ ...event, at: NEVER })),
      (events: readonly AuditEvent[]) => events.toReversed(),
    ]) {
      const served = await serveSite()
      await enrol(served.socket, "ann", ["reviewer"])
      await createCustodianClient(served.socket).revoke(PASSPHRASE, "ann")
      await createCustodianClient(served.socket).invite(PASSPHRASE, "ben", ["reviewer"])
      await served.stop()
      await rewriteJournal(served.dir, change)
      const outcome = await startAgain(served.dir).catch((error: unknown) => error)
      expect(outcome).toSatisfy(
        (value: { code?: string; state?: { state: string; doubt?: string } }) =>
          value.code === "key_unusable" || (value.state?.state === "locked" && value.state.doubt === "journal"),
      )
    }
  })

  it("does not redirect its reports to another host: a changed configuration waits for the passphrase and a confirmation", async () => {
    const served = await serveSite()
    await served.stop()
    await served.configure({ hosts: { test: { baseUrl: "https://elsewhere.example/ispws" } } })
    const { socket, state } = await startAgain(served.dir)
    expect(state).toMatchObject({ state: "locked", doubt: "config" })
    const client = createCustodianClient(socket)
    await expect(client.unlock(PASSPHRASE)).rejects.toMatchObject({ details: { reason: "config-changed" } })
    expect(await client.unlock(PASSPHRASE, true)).toMatchObject({ state: "ready" })
    expect(await journalOf(served.dir, "config.accepted")).toHaveLength(2)
  })

  it("does not get a changed configuration accepted by deleting journal and enrolments", async () => {
    const served = await serveSite()
    await enrol(served.socket, "ann", ["reviewer"])
    await served.stop()
    const { journal, enrolments, checkpoints } = custodianLayout(served.dir)
    for (const path of [journal, enrolments, checkpoints]) await rm(path, { recursive: true, force: true })
    await served.configure({ hosts: { test: { baseUrl: "https://elsewhere.example/ispws" } } })
    const { socket, state } = await startAgain(served.dir)
    expect(state).toMatchObject({ state: "locked", doubt: "journal" })
    expect(await journalOf(served.dir, "custodian.doubted")).toMatchObject([{ data: { part: "journal" } }])
    const client = createCustodianClient(socket)
    await expect(client.unlock(PASSPHRASE)).rejects.toMatchObject({ details: { reason: "journal-empty" } })
    expect(await client.unlock(PASSPHRASE, true)).toMatchObject({ state: "ready", enrolled: 0 })
  })

  it("does not restore everything to an earlier day while one copy of the checkpoints is elsewhere", async () => {
    const copy = join(await tempDir(), "copy.ndjson")
    const served = await serveSite({ config: { checkpointCopy: copy } })
    await enrol(served.socket, "ann", ["reviewer"])
    await served.stop()
    const earlier = join(await tempDir(), "earlier")
    await cp(served.dir, earlier, { recursive: true })
    await served.restart()
    await createCustodianClient(served.socket).revoke(PASSPHRASE, "ann")
    const line = toAuditLine(
      chainAuditEvent({ type: "case.claimed", actor: "person-1" }, NEVER, { seq: 0, hash: AUDIT_GENESIS }),
    ).trimEnd()
    await post(served.socket, "/v1/checkpoints", { after: { seq: 0, hash: AUDIT_GENESIS }, lines: [line] })
    await served.stop()
    await rm(served.dir, { recursive: true })
    await cp(earlier, served.dir, { recursive: true })
    await expect(serve(served.dir, { passphrase: PASSPHRASE })).rejects.toMatchObject({ code: "audit_chain_broken" })
  })
})

describe("enrolments after a kill", () => {
  it("are right at every point of a change: either file is taken, with what the journal then says", async () => {
    const served = await serveSite()
    const { dir } = served
    const { enrolments, journal } = custodianLayout(dir)
    await enrol(served.socket, "ann", ["reviewer"])
    const before = await readFile(enrolments)
    await createCustodianClient(served.socket).revoke(PASSPHRASE, "ann")
    const after = await readFile(enrolments)
    const lines = (await readFile(join(journal, "000000000001.ndjson"), "utf8")).split("\n").slice(0, -1)
    await served.stop()
    const whole = lines.findIndex((line) => line.includes('"enrolment.revoked"'))
    for (const { kept, file, known } of [
      { kept: whole - 1, file: before, known: 1 },
      { kept: whole, file: before, known: 1 },
      { kept: whole, file: after, known: 0 },
      { kept: whole + 1, file: after, known: 0 },
    ]) {
      const text = `${lines.slice(0, kept).join("\n")}\n`
      await writeFile(join(journal, "000000000001.ndjson"), text)
      await rm(join(journal, "checkpoints.ndjson"), { force: true })
      await writeFile(enrolments, file)
      const serving = await serve(dir, { passphrase: PASSPHRASE })
      const client = createCustodianClient(serving.socket)
      expect(await client.state()).toMatchObject({ state: "ready", enrolled: known })
      await client.invite(PASSPHRASE, "ben", ["reviewer"])
      await serving[Symbol.asyncDispose]()
      const again = await serve(dir, { passphrase: PASSPHRASE })
      expect(await createCustodianClient(again.socket).state()).toMatchObject({ state: "ready", enrolled: known })
      await again[Symbol.asyncDispose]()
    }
  })

  it("are refused where the journal had not yet announced them", async () => {
    const served = await serveSite()
    const { enrolments, journal } = custodianLayout(served.dir)
    await enrol(served.socket, "ann", ["reviewer"])
    await createCustodianClient(served.socket).revoke(PASSPHRASE, "ann")
    await served.stop()
    const file = join(journal, "000000000001.ndjson")
    const lines = (await readFile(file, "utf8")).split("\n")
    const announced = lines.findLastIndex((line) => line.includes('"enrolment.intended"'))
    await writeFile(file, `${lines.slice(0, announced).join("\n")}\n`)
    await rm(join(journal, "checkpoints.ndjson"))
    expect(await readFile(enrolments, "utf8")).toContain("revokedAt")
    await expect(serve(served.dir, { passphrase: PASSPHRASE })).rejects.toMatchObject({ code: "key_unusable" })
    const verifier = await openVerifier(publicKeyPath(custodianLayout(served.dir).journalKey))
    expect((await readCheckpoints(join(journal, "checkpoints.ndjson"), verifier)).untrustedLines).toEqual([])
  })
})
