import { readFileSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { MATCH, pictureBlock, textBlock } from "@nightlight/dev-env/guard/events"
import { filesBelow, makePlace, open, type TestPlace } from "@nightlight/dev-env/guard/place"
import { openEvidence } from "@nightlight/vault"
import { verifyEvidence } from "@nightlight/vault/open"
import { describe, expect, it } from "vitest"
import { readKeptIncidents } from "../../src/index.ts"

const USER = { id: "canary-account-1", ip: "192.0.2.7", port: 4711, at: "2026-11-24T10:00:00.000Z" }

describe("an incident", () => {
  it("is sealed with its whole exchange, on disk before the answer leaves", async () => {
    await using place = await makePlace()
    const incidents = await open(place)
    const event = textBlock("canary-prompt", {
      user: USER,
      answer: { contentType: "application/json", bytes: Buffer.from("canary-answer") },
    })
    expect(await incidents.block(event)).toBe("kept")
    const [kept, ...rest] = await readKeptIncidents(place.spoolDir, place.options.keyed)
    expect(rest).toEqual([])
    expect(kept?.finding).toMatchObject({ decision: "block", rule: "words.canary", matches: [], shard: "chat.input" })
    expect(kept?.finding.evidence).toMatchObject({ content: true })
    const opened = await openAll(place, kept!.finding.evidence!.id)
    expect(JSON.parse(opened.content)).toMatchObject({ endpoint: "chat", direction: "input" })
    const { request, answer } = JSON.parse(opened.content)
    expect(Buffer.from(request.base64, "base64").toString()).toContain("canary-prompt")
    expect(Buffer.from(answer.base64, "base64").toString()).toBe("canary-answer")
    expect(opened.provenance).toMatchObject({
      account: USER.id,
      endUser: { ip: USER.ip, port: USER.port, at: USER.at },
      endpoint: "chat",
      model: "mock-1",
      decision: "block",
      exchange: event.exchange,
    })
    await incidents.close()
  })

  it("has a finding for each picture, sealed unchanged, with the exchange beside it", async () => {
    await using place = await makePlace()
    const incidents = await open(place)
    const picture = Buffer.from("canary-picture-bytes")
    expect(await incidents.block(pictureBlock(picture, { user: USER }))).toBe("kept")
    const [kept] = await readKeptIncidents(place.spoolDir, place.options.keyed)
    expect(kept?.finding).toMatchObject({ decision: "quarantine", rule: "trusted-exact", matches: [MATCH] })
    const opened = await openAll(place, kept!.finding.evidence!.id)
    expect(opened.content).toBe(picture.toString())
    const context = opened.provenance as { exchangeEvidence: string }
    expect(context).toMatchObject({ account: USER.id, matches: [MATCH] })
    const exchange = await openAll(place, context.exchangeEvidence)
    expect(Buffer.from(JSON.parse(exchange.content).request.base64, "base64").toString()).toContain("image_url")
    await incidents.close()
  })

  it("keeps content only of test cards where the custody mode is locate", async () => {
    await using place = await makePlace({ custody: { mode: "locate", basis: null } })
    const incidents = await open(place)
    await incidents.block(textBlock("canary-prompt"))
    await incidents.block(pictureBlock(Buffer.from("canary-picture")))
    await incidents.block(
      pictureBlock(Buffer.from("a card"), { matches: [{ ...MATCH, list: "test-cards", trust: "test" }] }),
    )
    const kept = await readKeptIncidents(place.spoolDir, place.options.keyed)
    expect(kept.map(({ finding }) => finding.evidence?.content)).toEqual([false, false, true])
    const opened = await openAll(place, kept[0]!.finding.evidence!.id)
    expect(opened.content).toBe("")
    expect(JSON.stringify(opened.provenance)).not.toContain("canary-prompt")
    await incidents.close()
  })

  it("is kept once for the same item of the same account, and again for another account", async () => {
    await using place = await makePlace()
    const incidents = await open(place)
    const same = () => pictureBlock(Buffer.from("one picture"), { user: USER })
    expect(await Promise.all([incidents.block(same()), incidents.block(same())])).toEqual(["kept", "kept"])
    await incidents.close()
    const again = await open(place)
    expect(await again.block(same())).toBe("kept")
    expect(again.state().spooled).toBe(1)
    await again.block(pictureBlock(Buffer.from("one picture"), { user: { ...USER, id: "another" } }))
    expect(again.state().spooled).toBe(2)
    await again.close()
  })

  it("is logged with its sealing by ids, codes and keyed digests only", async () => {
    await using place = await makePlace()
    const incidents = await open(place)
    await incidents.block(textBlock("canary-prompt", { user: USER }))
    expect(place.logged.map(({ type }) => type)).toEqual(["evidence.sealed", "exchange.blocked"])
    expect(JSON.stringify(place.logged)).not.toContain("canary")
    await incidents.close()
  })

  it("leaves no unsealed trace of prompt, picture or account on disk", async () => {
    await using place = await makePlace()
    const incidents = await open(place)
    await incidents.block(textBlock("canary-prompt", { user: USER }))
    await incidents.block(pictureBlock(Buffer.from("canary-picture"), { user: USER }))
    await incidents.close()
    const files = filesBelow(place.root)
    expect(files.length).toBeGreaterThan(5)
    const inBase64 = Buffer.from("canary-picture").toString("base64")
    for (const file of files) {
      const text = readFileSync(file).toString("latin1")
      expect(text.includes("canary") || text.includes(inBase64)).toBe(false)
    }
    let sound = 0
    for await (const check of verifyEvidence(place.evidenceDir, [place.identity], {
      keyedDigest: place.options.keyed,
    })) {
      expect(check.ok).toBe(true)
      sound++
    }
    expect(sound).toBe(3)
  })

  it("still blocks, and raises an alarm, when the log cannot be written", async () => {
    await using place = await makePlace({ record: () => Promise.reject(new Error("canary-path")) })
    const incidents = await open(place)
    expect(await incidents.block(textBlock("a"))).toBe("kept")
    expect(place.alarms).toEqual(["block_not_logged"])
    expect(incidents.state()).toMatchObject({ accepting: true, fault: "log_failed" })
    await incidents.close()
  })
})

it("can be read while guards run, even when a segment is delivered meanwhile", async () => {
  await using place = await makePlace()
  const incidents = await open(place)
  await incidents.block(textBlock("a text"))
  // Listed, and gone when it is opened.
  symlinkSync(join(place.spoolDir, "nowhere"), join(place.spoolDir, "0", "00000000.spool"))
  expect(await readKeptIncidents(place.spoolDir, place.options.keyed)).toHaveLength(1)
  await incidents.close()
})

describe("the spool's limit", () => {
  it("makes the guard refuse calls it would have to record once the spool is full, until there is space", async () => {
    await using place = await makePlace()
    const limits = { ...place.options.limits, maxRecords: 3 }
    const incidents = await open(place, { limits })
    for (const text of ["a", "b", "c"]) {
      expect(incidents.state().accepting).toBe(true)
      await incidents.block(textBlock(text))
    }
    expect(incidents.state()).toEqual({ accepting: false, fault: "spool_full", spooled: 3 })
    // Those under way when it filled up are still recorded, up to a bound of their own.
    const late = await Promise.all(
      Array.from({ length: 200 }, (_, index) => incidents.block(textBlock(`late ${index}`))),
    )
    expect(late.filter((end) => end === "kept").length).toBeLessThan(200)
    expect(late).toContain("alarm")
    expect(place.alarms).toContain("spool_full")
    await incidents.close()
  })

  it("holds 100,000 blocks of one account to its daily share, and leaves the other accounts theirs", async () => {
    await using place = await makePlace({ custody: { mode: "locate", basis: null } })
    const limits = { ...place.options.limits, perAccountDaily: 20 }
    const incidents = await open(place, { limits })
    const caller = { id: "our-app", trusted: true }
    const other = { id: "somebody else" }
    let refused = 0
    for (let index = 0; index < 100_000; index++) {
      if (incidents.accepts?.(caller, USER) === true) await incidents.block(textBlock(`words ${index}`, { user: USER }))
      else refused++
    }
    expect(refused).toBe(99_980)
    expect(incidents.state()).toEqual({ accepting: true, spooled: 20 })
    expect(incidents.accepts?.(caller, other)).toBe(true)
    expect(incidents.accepts?.(caller, undefined)).toBe(true)
    await incidents.close()
    const again = await open(place, { limits })
    expect(again.accepts?.(caller, USER)).toBe(false)
    expect(again.accepts?.(caller, other)).toBe(true)
    await again.close()
  })

  it("renews every share each day", async () => {
    let now = new Date("2026-11-24T12:00:00Z")
    await using place = await makePlace({ clock: { now: () => now } })
    const limits = { ...place.options.limits, perKeyDaily: 1 }
    const incidents = await open(place, { limits })
    const caller = { id: "our-app", trusted: true }
    await incidents.block(textBlock("a", { at: now }))
    expect(incidents.accepts?.(caller, undefined)).toBe(false)
    now = new Date("2026-11-25T00:00:01Z")
    expect(incidents.accepts?.(caller, undefined)).toBe(true)
    await incidents.close()
  })
})

async function openAll({ evidenceDir, identity }: TestPlace, id: string) {
  const opened = await openEvidence(evidenceDir, id, [identity])
  const content = Buffer.concat(await Array.fromAsync(opened.content)).toString()
  return { content, provenance: opened.header.provenance }
}
