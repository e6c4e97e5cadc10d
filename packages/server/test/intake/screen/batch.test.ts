import { createHash } from "node:crypto"
import type { ScreenBatchAnswer } from "@nightlight/contract/server"
import { DependencyError, RequestError } from "@nightlight/core"
import { asKey, makeInstallation } from "@nightlight/dev-env/server/intake"
import { picture } from "@nightlight/dev-env/server/intake-site"
import { testCardPng } from "@nightlight/screening"
import { beforeAll, describe, expect, it } from "vitest"
import { screenEach } from "../../../src/intake/screen/batch.ts"
import { usePushingSource } from "../../support/pushing-source.ts"

const pushing = usePushingSource({ namesAccounts: true })

let clear: Uint8Array

beforeAll(async () => {
  clear = await picture(2)
})

const image = (bytes: Uint8Array) => ({ kind: "image", base64: Buffer.from(bytes).toString("base64") })
const hash = (name: string) => ({ kind: "hash", sha256: createHash("sha256").update(name).digest("hex") })
const knownHash = () => ({ kind: "hash", sha256: createHash("sha256").update(pushing.known).digest("hex") })

async function ask(
  items: unknown,
  by = pushing.installation.keyFor(undefined, "screen"),
  headers: Readonly<Record<string, string>> = {},
  of = pushing.installation,
) {
  const answer = await of.app.inject({
    method: "POST",
    url: "/v1/screen/batch",
    headers: { ...asKey(by), ...headers },
    payload: { items },
  })
  const body = answer.json<ScreenBatchAnswer & { readonly type?: string }>()
  return { status: answer.statusCode, body, results: body.results, headers: answer.headers }
}

const ofOne = (decision: string) => ({ decision })
const failed = (error: string) => ({ error })

describe("screening many items at once", () => {
  it("gives each item the verdict that it gets alone, in order, and nothing else", async () => {
    const items = [image(clear), image(pushing.known), hash("other"), knownHash(), image(testCardPng(1)), image(clear)]
    const { status, body, headers } = await ask(items)
    expect([status, body]).toEqual([
      200,
      { results: ["clear", "quarantine", "clear", "review", "quarantine", "clear"].map(ofOne) },
    ])
    for (const [place, item] of items.entries()) {
      const alone = await pushing.installation.app.inject({
        method: "POST",
        url: "/v1/screen",
        headers: asKey(pushing.installation.keyFor(undefined, "screen")),
        payload: item,
      })
      expect(JSON.stringify(body.results[place])).toBe(alone.body)
      expect(Object.keys(headers).sort()).toEqual(Object.keys(alone.headers).sort())
    }
    await pushing.installation.work()
  })

  it("gives a bad item the code of its own error, and every other one its verdict", async () => {
    const bad = [
      { kind: "hash" },
      { kind: "image", base64: "###" },
      { kind: "text", text: "words" },
      { ...image(clear), name: "x" },
      "canary",
      null,
      7,
    ]
    const { status, results } = await ask([...bad.flatMap((item) => [item, hash("between")]), knownHash()])
    expect(status).toBe(200)
    expect(results).toEqual([...bad.flatMap(() => [failed("input_invalid"), ofOne("clear")]), ofOne("review")])
    expect((await ask([image(Buffer.from("00ff17a29b3c00ff", "hex")), hash("a")])).results).toEqual([
      ofOne("inconclusive"),
      ofOne("clear"),
    ])
  })

  it("makes a case of what matched, for its account, and lets no other key name one", async () => {
    const before = (await pushing.installation.rows()).length
    const named = (id: string) => ({ ...image(pushing.known), account: { id } })
    const items = [named("batch-one"), image(clear), named("batch-two"), named("batch-one")]
    expect((await ask(items, pushing.key)).results).toEqual(
      ["quarantine", "clear", "quarantine", "quarantine"].map(ofOne),
    )
    // Sent again after its answer was lost.
    await ask(items, pushing.key)
    await pushing.installation.work()
    expect((await pushing.installation.rows()).slice(before)).toMatchObject([
      { origin: "account", state: "verified" },
      { origin: "account", state: "verified" },
    ])
    expect((await ask(items)).results).toEqual([
      failed("forbidden"),
      ofOne("clear"),
      failed("forbidden"),
      failed("forbidden"),
    ])
  })

  it("counts each item in the key's limit, takes all or none, and has bounds of its own", async () => {
    const small = await makeInstallation(pushing.site, pushing.db, { callsPerMinute: 10 })
    const own = small.keyFor(undefined, "screen")
    const many = (count: number) => Array.from({ length: count }, (_, n) => hash(`${n}`))
    expect((await ask(many(8), own, {}, small)).results).toHaveLength(8)
    const refused = await ask(many(3), own, {}, small)
    expect([refused.status, refused.body, refused.headers["retry-after"]]).toMatchObject([
      429,
      { type: "too_many_requests" },
      "6",
    ])
    expect((await ask(["bad", "bad"], own, {}, small)).results).toHaveLength(2)
    expect((await ask(many(1), own, {}, small)).status).toBe(429)
    expect((await ask(many(11), small.keyFor(undefined, "screen"), {}, small)).body).toMatchObject({
      type: "body_too_large",
      callsPerMinute: 10,
    })
    await small.close()
    expect((await ask(many(1_000))).results).toHaveLength(1_000)
    expect((await ask(many(1_001))).status).toBe(400)
    expect((await ask([])).status).toBe(400)
    expect((await ask(["x".repeat(33 * 1024 * 1024)])).body).toMatchObject({ type: "body_too_large" })
  })

  it("throttles a caller that feels its way around a picture from the item on that shows it, and tells of it", async () => {
    const prober = pushing.installation.keyFor(undefined, "screen")
    const near = (n: number) => (BigInt(`0x${"a5".repeat(32)}`) ^ (1n << BigInt(n * 3))).toString(16)
    const items = Array.from({ length: 40 }, (_, n) => ({ kind: "hash", pdq: { hash: near(n), quality: 90 } }))
    const { results } = await ask(items, prober)
    expect(results.at(-1)).toEqual(failed("too_many_requests"))
    expect(results.filter((result) => "decision" in result).length).toBeLessThan(26)
    expect(await pushing.installation.alarms.list(true)).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: "screen-probing", subject: prober })]),
    )
  })

  it("gives a repeated call its first answers, and an item that changed the code of a conflict", async () => {
    const own = pushing.installation.keyFor(undefined, "screen")
    const headers = { "idempotency-key": "batch-1" }
    expect((await ask([hash("a"), knownHash()], own, headers)).results).toEqual([ofOne("clear"), ofOne("review")])
    expect((await ask([hash("a"), hash("b")], own, headers)).results).toEqual([
      ofOne("clear"),
      failed("state_conflict"),
    ])
  })

  it("needs the scope of screening", async () => {
    expect((await ask([hash("a")], pushing.installation.keyFor(pushing.source, "findings:push"))).status).toBe(403)
  })
})

describe("each item of a batch", () => {
  const none = new AbortController().signal

  it("has its own result in order, also if what it needs is not there", async () => {
    const results = await screenEach(
      ["clear", "gone", "review", "refused", "clear"] as const,
      async (item) => {
        if (item === "gone") throw new DependencyError("disk_full", "no space")
        if (item === "refused") throw new RequestError("forbidden", "no")
        return item
      },
      none,
    )
    expect(results).toEqual([
      ofOne("clear"),
      failed("unavailable"),
      ofOne("review"),
      failed("forbidden"),
      ofOne("clear"),
    ])
  })

  it("is not screened any more once the caller has gone, or one failed for no reason that is known", async () => {
    const gone = new AbortController()
    const seen: number[] = []
    const leaving = screenEach(
      Array.from({ length: 100 }, (_, n) => n),
      async (n) => {
        seen.push(n)
        if (n === 10) gone.abort(new Error("gone"))
        return "clear"
      },
      gone.signal,
    )
    await expect(leaving).rejects.toThrow("gone")
    expect(seen.length).toBeLessThan(20)
    const breaking = screenEach(
      Array.from({ length: 100 }, (_, n) => n),
      async (n) => {
        seen.push(n)
        if (n === 0) throw new TypeError("a mistake of ours")
        return "clear"
      },
      none,
    )
    await expect(breaking).rejects.toThrow("a mistake of ours")
    expect(seen.length).toBeLessThan(40)
  })
})
