import { join } from "node:path"
import { DAY_MS } from "@nightlight/core"
import { tempDir } from "@nightlight/dev-env/custodian/folders"
import { enrol, post, prove, viewingGrant } from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { journalOf, serveSite, turnableTime } from "@nightlight/dev-env/custodian/serving"
import { createSigningKey, generateIdentity, openSigner, openVerifier, publicKeyPath } from "@nightlight/vault"
import { describe, expect, it } from "vitest"
import { openJournal } from "../src/journal/journal.ts"
import { deriveStateKeys } from "../src/keys/state-key.ts"
import { createOwnClock } from "../src/own-clock.ts"

describe("the custodian's own clock", () => {
  it("follows the machine's", () => {
    const time = turnableTime()
    const clock = createOwnClock(time.sources)
    time.pass(90_000)
    expect(clock.now()).toEqual(time.now())
    expect(clock.takeAlarms()).toEqual([])
  })

  it.each([
    ["400 days ahead", 400 * DAY_MS, { kind: "jumped-ahead", seconds: 400 * 86_400 }],
    ["two days back", -2 * DAY_MS, { kind: "went-back", seconds: 2 * 86_400 }],
  ])("goes on at the pace of time when the machine's is set %s, and says so once", (_, byMs, alarm) => {
    const time = turnableTime()
    const clock = createOwnClock(time.sources)
    const before = clock.now()
    time.setClock(byMs)
    time.pass(60_000)
    expect(clock.now().getTime() - before.getTime()).toBe(60_000)
    time.pass(60_000)
    expect(clock.now().getTime() - before.getTime()).toBe(120_000)
    expect(clock.takeAlarms()).toEqual([alarm])
    time.setClock(-byMs)
    expect(clock.now()).toEqual(time.now())
    expect(clock.takeAlarms()).toEqual([])
  })

  it("never goes back by a small correction", () => {
    const time = turnableTime()
    const clock = createOwnClock(time.sources)
    const before = clock.now()
    time.setClock(-2000)
    expect(clock.now().getTime()).toBeGreaterThanOrEqual(before.getTime())
    expect(clock.takeAlarms()).toEqual([])
  })

  it("says so at the start when it is before the last time on record", () => {
    const time = turnableTime()
    const clock = createOwnClock(time.sources, new Date(time.now().getTime() + DAY_MS))
    expect(clock.takeAlarms()).toEqual([{ kind: "went-back", seconds: 86_400 }])
  })
})

it("lets no grant expire or come back when the machine's clock is set 400 days ahead, then two back", async () => {
  const time = turnableTime()
  const { socket, seal, dir } = await serveSite({ time: time.sources })
  const ann = await enrol(socket, "ann", ["reviewer"])
  const evidence = await seal({ evidenceId: "item-1", content: await picture() })
  const used = await prove((await viewingGrant(ann, evidence, { now: time.now() })).grant, ann)
  expect(await post(socket, "/v1/viewings", used)).toMatchObject({ status: 200 })
  const open = await prove((await viewingGrant(ann, evidence, { now: time.now() })).grant, ann)
  const expiring = await prove((await viewingGrant(ann, evidence, { now: time.now() })).grant, ann)

  time.setClock(400 * DAY_MS)
  expect(await post(socket, "/v1/viewings", open)).toMatchObject({ status: 200 })
  expect(await post(socket, "/v1/viewings", used)).toMatchObject({ body: { reason: "replayed" } })
  time.setClock(-402 * DAY_MS)
  expect(await post(socket, "/v1/viewings", open)).toMatchObject({ body: { reason: "replayed" } })
  time.pass(6 * 60_000)
  expect(await post(socket, "/v1/viewings", expiring)).toMatchObject({ body: { reason: "expired" } })
  expect((await journalOf(dir, "clock.alarm")).map(({ data }) => data["kind"])).toEqual(["jumped-ahead"])
})

it("says in the journal that the clock was set, though what noticed it could not be written", async () => {
  const dir = await tempDir()
  const key = join(dir, "key.pem")
  await createSigningKey(key)
  const keys = { signer: await openSigner(key), verifier: await openVerifier(publicKeyPath(key)) }
  const time = turnableTime()
  const said: string[] = []
  const book = { apply: ({ type }: { readonly type: string }) => void said.push(type) }
  await using journal = await openJournal(join(dir, "journal"), {
    ...keys,
    time: time.sources,
    copy: null,
    books: [book],
  })
  journal.seal.open(deriveStateKeys([await generateIdentity()]))
  time.setClock(400 * DAY_MS)
  await expect(journal.record("not a type", "server")).rejects.toThrow()
  await journal.record("custodian.unlocked", "server")
  await journal.record("custodian.locked", "server")
  expect(said).toEqual(["clock.alarm", "custodian.unlocked", "custodian.locked"])
})
