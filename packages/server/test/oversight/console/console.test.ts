import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { brotliDecompressSync, gunzipSync } from "node:zlib"
import type { FastifyInstance, InjectOptions } from "fastify"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { z } from "zod"
import { readConsole } from "../../../src/oversight/console/files.ts"
import { consoleRoutes } from "../../../src/oversight/console/routes.ts"
import type { Authenticate } from "../../../src/platform/feature.ts"
import { addRoute } from "../../../src/platform/http/route.ts"
import { testApp } from "../../support/app.ts"

const PAGE = '<!doctype html><meta name="csp-nonce" content="__NONCE__"><script src="/assets/index-a1b2.js"></script>'
const SCRIPT = "export const words = 'a script'\n".repeat(100)
const FONT = Buffer.from([0x77, 0x4f, 0x46, 0x32, 0, 1, 2, 3])
const HTML = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" }

let parent: string
let app: FastifyInstance
/** Who called, as far as anybody asked. */
const asked: string[] = []
const authenticate: Authenticate = async ({ url }) => {
  asked.push(url)
  return undefined
}

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "nightlight-console-"))
  const dir = join(parent, "dist")
  await mkdir(join(dir, "assets"), { recursive: true })
  await writeFile(join(parent, "secret.txt"), "canary-secret")
  await writeFile(join(dir, "index.html"), PAGE)
  await writeFile(join(dir, "robots.txt"), "User-agent: *\nDisallow: /\n")
  await writeFile(join(dir, "notes.md"), "canary-notes")
  await writeFile(join(dir, "assets", "index-a1b2.js"), SCRIPT)
  await writeFile(join(dir, "assets", "sans-c3d4.woff2"), FONT)
  await symlink(join(parent, "secret.txt"), join(dir, "assets", "linked.txt"))
  const console = await readConsole(dir)
  app = await testApp({
    authenticate,
    routes: (on) => {
      consoleRoutes(on, { console })
      addRoute(on, {
        method: "POST",
        url: "/v1/thing/:id",
        summary: "An action.",
        reply: z.strictObject({}),
        access: { kind: "public", because: "a test" },
        object: { kind: "none", because: "a test" },
        handle: async () => ({}),
      })
    },
  })
})
afterAll(async () => {
  await app.close()
  await rm(parent, { recursive: true, force: true })
})

const get = (url: string, headers: Record<string, string> = {}, more: InjectOptions = {}) =>
  app.inject({ url, headers: { host: "localhost", ...headers }, ...more })

describe("the console's page", () => {
  it.each(["/", "/?a=1", "/sign-in", "/cases/case-1/items", "/index.html", "/v1x"])(
    "is what a browser that opens %s gets",
    async (url) => {
      const answer = await get(url, HTML)
      expect(answer.statusCode).toBe(200)
      expect(answer.headers).toMatchObject({
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
      })
      expect(answer.headers).not.toHaveProperty("etag")
    },
  )

  it("carries a nonce of each answer's own, which its policy names and nothing else lets in", async () => {
    const nonces = new Set<string>()
    for (let call = 0; call < 2; call++) {
      const { body, headers } = await get("/", HTML)
      const [, nonce = ""] = /<meta name="csp-nonce" content="([\w-]{24})">/.exec(body) ?? []
      nonces.add(nonce)
      expect(body).toBe(PAGE.replace("__NONCE__", nonce))
      const policy = String(headers["content-security-policy"]).split("; ")
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self'")
      expect(policy).toContain(`style-src 'self' 'nonce-${nonce}'`)
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).toContain("require-trusted-types-for 'script'")
      expect(policy).toContain("trusted-types default")
      expect(policy.join(";")).not.toMatch(/unsafe|https?:|data:|blob:|\*/)
    }
    expect(nonces.size).toBe(2)
  })

  it.each(["/v1", "/v1/cases", "/v1/nothing", "/healthz", "/readyz/x", "/assets/none-e5f6.js", "/assets"])(
    "is not what answers %s",
    async (url) => {
      const answer = await get(url, HTML)
      expect([answer.statusCode, answer.json()]).toEqual([404, expect.objectContaining({ type: "not_found" })])
    },
  )

  it("is for browsers: a program that asks for JSON is told that there is no such thing", async () => {
    const answer = await get("/cases", { accept: "application/json" })
    expect(answer.statusCode).toBe(404)
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/)
  })

  it("hides no action of the API: whoever reads one is told its method", async () => {
    const answer = await get("/v1/thing/1", HTML)
    expect([answer.statusCode, answer.headers["allow"]]).toEqual([405, "POST"])
  })

  it("is given under our own host name alone", async () => {
    expect((await get("/", { ...HTML, host: "canary.example" })).statusCode).toBe(403)
  })
})

describe("a file of the console", () => {
  it("is kept by the browser for good if its name says what it holds, else asked for each time", async () => {
    const hashed = await get("/assets/index-a1b2.js")
    expect(hashed.body).toBe(SCRIPT)
    expect(hashed.headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "x-content-type-options": "nosniff",
      "cache-control": "public, max-age=31536000, immutable",
    })
    expect((await get("/robots.txt")).headers).toMatchObject({ "cache-control": "no-cache" })
  })

  it("comes in the smallest form that the caller takes", async () => {
    const form = async (accepted: string) => {
      const { rawPayload, headers } = await get("/assets/index-a1b2.js", { "accept-encoding": accepted })
      expect(headers["vary"]).toBe("accept-encoding")
      expect(Number(headers["content-length"])).toBe(rawPayload.length)
      return { coding: headers["content-encoding"], bytes: rawPayload, etag: headers["etag"] }
    }
    const br = await form("gzip, deflate, br, zstd")
    expect([br.coding, brotliDecompressSync(br.bytes).toString()]).toEqual(["br", SCRIPT])
    const gzip = await form("gzip;q=0.8, br;q=0")
    expect([gzip.coding, gunzipSync(gzip.bytes).toString()]).toEqual(["gzip", SCRIPT])
    const plain = await form("identity")
    expect([plain.coding, plain.bytes.toString()]).toEqual([undefined, SCRIPT])
    expect(new Set([br.etag, gzip.etag, plain.etag]).size).toBe(3)
  })

  it("that is no text comes as it is", async () => {
    const answer = await get("/assets/sans-c3d4.woff2", { "accept-encoding": "br" })
    expect(answer.headers["content-type"]).toBe("font/woff2")
    expect(answer.headers).not.toHaveProperty("content-encoding")
    expect(answer.rawPayload).toEqual(FONT)
  })

  it("is not sent again to who has it", async () => {
    const { etag } = (await get("/robots.txt")).headers
    const again = await get("/robots.txt", { "if-none-match": `"other", W/${etag}` })
    expect([again.statusCode, again.body, again.headers["etag"]]).toEqual([304, "", etag])
    expect((await get("/robots.txt", { "if-none-match": '"other"' })).statusCode).toBe(200)
  })

  it.each(["/assets/index-a1b2.js", "/"])("at %s has headers without a body too", async (url) => {
    const whole = await get(url, HTML)
    const head = await get(url, HTML, { method: "HEAD" })
    expect([head.statusCode, head.body]).toEqual([200, ""])
    expect(head.headers["content-length"]).toBe(String(whole.rawPayload.length))
    expect(head.headers["content-type"]).toBe(whole.headers["content-type"])
  })

  it.each([
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/assets/%2e%2e/%2e%2e/secret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "//assets/../../secret.txt",
    "/assets/linked.txt",
    "/notes.md",
  ])("is none but what the build made: not %s", async (url) => {
    const answer = await get(url)
    expect(answer.statusCode).toBe(404)
    expect(answer.body).not.toContain("canary")
  })

  it("is read at start: what happens to the folder later changes nothing", async () => {
    const dir = join(parent, "later")
    await mkdir(join(dir, "assets"), { recursive: true })
    await writeFile(join(dir, "index.html"), PAGE)
    await writeFile(join(dir, "assets", "a.js"), "1")
    const console = await readConsole(dir)
    const later = await testApp({ routes: (on) => consoleRoutes(on, { console }) })
    await rm(dir, { recursive: true })
    expect((await later.inject({ url: "/assets/a.js", headers: { host: "localhost" } })).body).toBe("1")
  })

  it("is sent without asking who calls: a page opens while nobody can be looked up", async () => {
    asked.length = 0
    await get("/", HTML)
    await get("/assets/index-a1b2.js")
    expect(asked).toEqual([])
  })
})

describe("without a console", () => {
  it.each(["a folder that is not there", "a folder without a page", "a file"])("%s is none", async (what) => {
    const dir = join(parent, what.replaceAll(" ", "-"))
    if (what === "a file") await writeFile(dir, "")
    if (what === "a folder without a page") await mkdir(dir)
    expect(await readConsole(dir)).toBeUndefined()
  })

  it("the server says so in words at /, and nowhere else", async () => {
    const bare = await testApp({ routes: (on) => consoleRoutes(on, { console: undefined }) })
    const answer = await bare.inject({ url: "/", headers: { host: "localhost", ...HTML } })
    expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8")
    expect(answer.body).toContain("npm run build")
    expect((await bare.inject({ url: "/cases", headers: { host: "localhost", ...HTML } })).statusCode).toBe(404)
  })
})

it("npm run build makes what the words say it does", async () => {
  const { scripts } = JSON.parse(await readFile(new URL("../../../../../package.json", import.meta.url), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  expect(scripts["build"]).toContain("build:console")
})
