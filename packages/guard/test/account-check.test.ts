import { createHash, createHmac } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { CONFIG, startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { completion } from "@nightlight/dev-env/guard/upstream"
import { picture } from "@nightlight/dev-env/guard/workspace"
import { toKeyedDigest } from "@nightlight/vault"
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest"
import { END_USER_HEADERS, signedText } from "../src/accounts/signed-headers.ts"

const SECRET = "a secret for tests, of 32 bytes!"
const TOKEN = "caller-key"
const KEYS = `version: 1
keys:
  - id: app
    sha256: ${createHash("sha256").update(TOKEN).digest("hex")}
    trusted: true
    headerSecretFile: header.secret
`
const ACCOUNT_CHECK = `checks:
  - kind: account
    name: ages
    rules:
      - { name: minors-no-chat, ageBands: [minor, unknown_young], endpoints: [chat], decision: block }
      - { name: hot, minHeat: 100, decision: block, shadow: true }
`

const folder = mkdtempSync(join(tmpdir(), "nightlight-account-check-"))
let test: TestGuard
beforeAll(async () => {
  test = await startTestGuard([await picture(1)], {
    config: `keysFile: keys.yaml\nupstream: { auth: none }\n${CONFIG.replace(/^checks:\n/m, ACCOUNT_CHECK)}`,
    files: { "keys.yaml": KEYS, "header.secret": SECRET },
    accountsPlace: { path: join(folder, "accounts"), keyed: toKeyedDigest(Buffer.alloc(32, 3)) },
  })
})
afterAll(async () => {
  await test[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  test.upstream.seen.length = 0
  test.upstream.answer = completion("hello there")
})

let nonces = 0
/** A chat of an end user, as the operator's own service signs it. */
async function chat(said: Readonly<Record<string, string>>, secret = SECRET): Promise<number> {
  const headers: Record<string, string> = {
    "x-nightlight-user": "user-1",
    "x-nightlight-timestamp": String(Math.floor(Date.now() / 1000)),
    "x-nightlight-nonce": `nonce-${String(++nonces).padStart(16, "0")}`,
    ...said,
  }
  const text = signedText(
    "app",
    END_USER_HEADERS.map((name) => headers[name] ?? ""),
  )
  const signature = createHmac("sha256", secret).update(text).digest("hex")
  const answer = await fetch(`${test.guard.url}/chat/completions`, {
    method: "POST",
    headers: {
      ...headers,
      "content-type": "application/json",
      authorization: `Bearer ${TOKEN}`,
      "x-nightlight-signature": `v1=${signature}`,
    },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hello" }] }),
  })
  await answer.arrayBuffer()
  return answer.status
}

it("blocks content that an account's age band does not allow, and lets calls without an end user pass", async () => {
  expect(await chat({ "x-nightlight-age-band": "adult" })).toBe(200)
  expect(await chat({ "x-nightlight-user": "user-2", "x-nightlight-age-band": "minor" })).toBe(400)
  expect(test.upstream.seen).toHaveLength(1)
  const plain = await test.client.chat.completions.create({
    model: "m",
    messages: [{ role: "user", content: "hello" }],
  })
  expect(plain.choices).toHaveLength(1)
})

it("remembers that an account is a minor's when a later call does not say so", async () => {
  expect(await chat({ "x-nightlight-user": "user-3", "x-nightlight-age-band": "minor" })).toBe(400)
  expect(await chat({ "x-nightlight-user": "user-3", "x-nightlight-age-band": "adult" })).toBe(400)
})

it("refuses an end user signed by another caller, and sends the upstream nothing about end users", async () => {
  expect(await chat({}, "another secret of 32 characters!")).toBe(400)
  expect(test.upstream.seen).toHaveLength(0)
  expect(await chat({ "x-nightlight-age-band": "adult" })).toBe(200)
  expect(JSON.stringify(test.upstream.seen)).not.toContain("x-nightlight")
})
