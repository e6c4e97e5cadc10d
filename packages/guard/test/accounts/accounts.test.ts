import { createHmac, generateKeyPairSync, sign } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { type AccountsOptions, createAccounts, type Escalation } from "../../src/accounts/accounts.ts"
import type { Caller } from "../../src/accounts/caller.ts"
import { END_USER_HEADERS, ed25519Key, type HeaderKey, signedText } from "../../src/accounts/signed-headers.ts"
import { readSnapshot, writeSnapshot } from "../../src/accounts/snapshot.ts"

const CALLER: Caller = { id: "app", trusted: true }
const SECRET = Buffer.from("a secret for tests, of 32 bytes!")
const KEY: HeaderKey = { kind: "hmac", secret: SECRET }
const START = Date.parse("2026-06-01T00:00:00Z")

let nonces = 0
function headers(
  over: Partial<Record<string, string>> = {},
  at = START,
  signer?: (text: string) => string,
): Record<string, string> {
  const given: Record<string, string> = {
    "x-nightlight-user": "user-1",
    "x-nightlight-timestamp": String(Math.floor(at / 1000)),
    "x-nightlight-nonce": `nonce-${String(++nonces).padStart(16, "0")}`,
  }
  for (const [name, value] of Object.entries(over)) given[`x-nightlight-${name}`] = value ?? ""
  const text = signedText(
    CALLER.id,
    END_USER_HEADERS.map((name) => given[name] ?? ""),
  )
  const hmac = (said: string) => `v1=${createHmac("sha256", SECRET).update(said).digest("hex")}`
  return { ...given, "x-nightlight-signature": (signer ?? hmac)(text) }
}

function accounts(over: Partial<AccountsOptions> = {}) {
  let now = START
  const made = createAccounts({
    digestKey: Buffer.alloc(32, 7),
    keyOf: (caller) => (caller === CALLER.id ? KEY : undefined),
    clock: { now: () => new Date(now) },
    ...over,
  })
  return {
    ...made,
    pass: (ms: number) => {
      now += ms
    },
    /** One call of a user that is blocked, or not. */
    call: (user: string, isBlocked: boolean) => {
      const { record } = made.read(headers({ user }, now), CALLER) ?? {}
      if (record === undefined) throw new Error("expected a record")
      if (isBlocked) made.blocked(record, "exchange-1")
      return record
    },
  }
}
const INVALID = expect.objectContaining({ code: "end_user_invalid" })

describe("signed headers", () => {
  it("name the end user, whose id stays within the caller's own exchange", () => {
    const said = {
      ip: "192.0.2.7",
      port: "4711",
      at: "2026-06-01T00:00:00Z",
      conversation: "talk-1",
      "age-band": "minor",
    }
    const read = accounts().read(headers(said), CALLER)
    expect(read?.user).toEqual({
      id: "user-1",
      ip: "192.0.2.7",
      port: 4711,
      at: "2026-06-01T00:00:00Z",
      conversation: "talk-1",
      ageBand: "minor",
    })
    expect(read?.record).toMatchObject({
      account: expect.stringMatching(/^[0-9a-f]{32}$/),
      ageBand: "minor",
      heat: 0,
      step: "none",
    })
    expect(JSON.stringify(read?.record)).not.toMatch(/user-1|talk-1/)
  })

  it("are verified with Ed25519 and with HMAC", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519")
    const key = ed25519Key(publicKey.export({ type: "spki", format: "pem" }).toString())
    const signer = (text: string) => `ed25519=${sign(null, Buffer.from(text), privateKey).toString("base64")}`
    expect(accounts({ keyOf: () => key }).read(headers({}, START, signer), CALLER)?.user.id).toBe("user-1")
    expect(() => accounts({ keyOf: () => key }).read(headers(), CALLER)).toThrow(INVALID)
  })

  it("may be absent; no user named in a body or in another header counts", () => {
    expect(accounts().read({ "x-user": "user-1", "openai-user": "user-1" }, CALLER)).toBeUndefined()
  })

  it.each([
    ["unsigned", () => ({ "x-nightlight-user": "user-1" })],
    ["signed, and then another's", () => ({ ...headers(), "x-nightlight-user": "user-2" })],
    ["signed, with one added", () => ({ ...headers(), "x-nightlight-age-band": "adult" })],
    ["a bare signature", () => ({ "x-nightlight-signature": headers()["x-nightlight-signature"] })],
    ["sent twice", () => ({ ...headers(), "x-nightlight-user": ["user-1", "user-1"] })],
    ["of no form", () => headers({ "age-band": "child" })],
    ["with a port that is none", () => headers({ port: "70000" })],
    ["with a short nonce", () => headers({ nonce: "short" })],
    ["old", () => headers({}, START - 301_000)],
    ["from the future", () => headers({}, START + 301_000)],
  ])("are refused %s", (_, make) => {
    expect(() => accounts().read(make(), CALLER)).toThrow(INVALID)
  })

  it("are refused from a caller that is not trusted, or has no secret", () => {
    expect(() => accounts().read(headers(), { ...CALLER, trusted: false })).toThrow(INVALID)
    expect(() => accounts({ keyOf: () => undefined }).read(headers(), CALLER)).toThrow(INVALID)
  })

  it("may be repeated unchanged a few times, as retries are, and no more", () => {
    const made = accounts()
    const sent = headers()
    for (let use = 0; use < 7; use++) expect(made.read(sent, CALLER)?.user.id).toBe("user-1")
    expect(() => made.read(sent, CALLER)).toThrow(INVALID)
    expect(() => made.read(headers({ nonce: sent["x-nightlight-nonce"] ?? "", user: "user-2" }), CALLER)).toThrow(
      INVALID,
    )
  })
})

describe("an account", () => {
  it("goes up the ladder block by block, told at each rung, and cools with time", () => {
    const told: Escalation[] = []
    const made = accounts({ onEscalation: (escalation) => told.push(escalation) })
    for (let block = 0; block < 10; block++) made.call("user-1", true)
    expect(told.map(({ from, to }) => `${from}>${to}`)).toEqual([
      "none>warned",
      "warned>throttled",
      "throttled>suspended",
      "suspended>human_review",
    ])
    expect(made.call("user-1", false).step).toBe("suspended")
    expect(made.call("user-2", false).step).toBe("none")
    made.pass(2 * 3_600_000)
    expect(made.call("user-1", false)).toMatchObject({ step: "throttled", heat: expect.closeTo(2.5, 5) })
    made.pass(24 * 3_600_000)
    expect(made.call("user-1", false)).toMatchObject({ step: "none", heat: 0 })
  })

  it("is counted once for a call and its retries, whatever the ids of their exchanges", () => {
    const made = accounts()
    const sent = headers()
    for (const exchange of ["exchange-1", "exchange-2", "exchange-3"]) {
      const read = made.read(sent, CALLER)
      if (read !== undefined) made.blocked(read.record, exchange)
    }
    expect(made.call("user-1", false).heat).toBe(1)
  })

  it("counts near misses less than blocks", () => {
    const made = accounts()
    made.nearMiss(made.call("user-1", false), "exchange-1")
    expect(made.call("user-1", false)).toMatchObject({ heat: 0.25, step: "none" })
  })

  it("may call less often while it is throttled, and others as often as before", () => {
    const made = accounts()
    for (let block = 0; block < 3; block++) made.call("user-1", true)
    for (let call = 0; call < 6; call++) expect(made.call("user-1", false).step).toBe("throttled")
    expect(() => made.call("user-1", false)).toThrow(expect.objectContaining({ code: "rate_limit_exceeded" }))
    expect(made.call("user-2", false).step).toBe("none")
    made.pass(60_000)
    expect(made.call("user-1", false).step).toBe("throttled")
  })

  it("stays a minor's once a caller has said so", () => {
    const made = accounts()
    made.read(headers({ "age-band": "minor" }), CALLER)
    expect(made.read(headers({ "age-band": "adult" }), CALLER)?.record.ageBand).toBe("minor")
    expect(made.read(headers(), CALLER)?.record.ageBand).toBe("minor")
  })

  it("is evicted when there are too many, but not while it is suspended", () => {
    const made = accounts({ maxAccounts: 100 })
    for (let block = 0; block < 8; block++) made.call("hot", true)
    for (let user = 0; user < 1_000; user++) made.call(`user-${user}`, false)
    expect(made.call("hot", false).step).toBe("suspended")
  })

  it("keeps a block of a call during which it was evicted", () => {
    const made = accounts({ maxAccounts: 1 })
    const { record } = made.read(headers({ user: "user-1", conversation: "talk-1" }, START), CALLER) ?? {}
    made.call("user-2", false)
    made.blocked(record!, "exchange-1")
    expect(made.call("user-1", false)).toMatchObject({ heat: 1, step: "warned" })
  })

  it("costs no more after 100,000 blocks than after a few", () => {
    const made = accounts()
    const record = made.call("user-1", false)
    for (let block = 0; block < 100_000; block++) made.blocked({ ...record }, `exchange-${block}`)
    expect(made.state().accounts).toHaveLength(1)
    expect(made.call("user-2", false).step).toBe("none")
  })
})

describe("the snapshot", () => {
  const key = Buffer.alloc(32, 9)

  it("keeps digests and heats, but no id, across a restart, readable only by its owner", async () => {
    const dir = mkdtempSync(join(tmpdir(), "nightlight-accounts-"))
    try {
      const path = join(dir, "accounts")
      expect(await readSnapshot(path, key)).toBe("missing")
      const made = accounts()
      for (let block = 0; block < 4; block++) made.call("user-canary", true)
      await writeSnapshot(path, made.state(), key)
      expect(readFileSync(path, "utf8")).not.toContain("canary")
      expect(statSync(path).mode & 0o777).toBe(0o600)
      const kept = await readSnapshot(path, key)
      if (typeof kept === "string") throw new Error(kept)
      const next = accounts()
      next.restore(kept)
      expect(next.call("user-canary", false)).toMatchObject({ heat: 4, step: "throttled" })
      const text = readFileSync(path, "utf8")
      for (const damaged of [text.slice(0, -1), text.replace("4", "0"), "", "é".repeat(80), text.slice(65)]) {
        writeFileSync(path, damaged)
        expect(await readSnapshot(path, key)).toBe("damaged")
      }
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })
})
