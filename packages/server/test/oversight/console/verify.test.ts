import { createHash } from "node:crypto"
import { once } from "node:events"
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { createServer, type OutgoingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { readConsole } from "../../../src/oversight/console/files.ts"
import { readConsoleManifest, verifyConsoleAt, verifyConsoleFolder } from "../../../src/oversight/console/index.ts"
import { consoleRoutes } from "../../../src/oversight/console/routes.ts"
import { testApp } from "../../support/app.ts"

const FILES = {
  "index.html":
    '<!doctype html><meta name="csp-nonce" content="__NONCE__" /><script src="/assets/index-a1b2.js"></script>',
  "assets/index-a1b2.js": "export const words = 'a script'\n".repeat(100),
  "assets/index-c3d4.css": "body { margin: 0 }",
}

let parent: string
let built: string
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "nightlight-verify-"))
  built = join(parent, "built")
  await mkdir(join(built, "assets"), { recursive: true })
  const files = Object.entries(FILES).map(([path, text]) => {
    const sha256 = createHash("sha256").update(text).digest("hex")
    return { path, bytes: Buffer.byteLength(text), sha256 }
  })
  for (const [path, text] of Object.entries(FILES)) await writeFile(join(built, path), text)
  await writeFile(join(built, "console-manifest.json"), JSON.stringify({ format: "nightlight-console/1", files }))
})
afterAll(() => rm(parent, { recursive: true, force: true }))

/** A copy of the build with changes. */
async function copyWith(change: (dir: string) => Promise<void> = async () => undefined): Promise<string> {
  const dir = await mkdtemp(join(parent, "copy-"))
  await cp(built, dir, { recursive: true })
  await change(dir)
  return dir
}

/** Serves a folder as the server does, with another policy where given. */
async function serve(dir: string, policy?: string): Promise<string> {
  const console = await readConsole(dir)
  const app = await testApp({
    routes: (on) => {
      if (policy !== undefined) {
        on.addHook("onSend", async (_request, reply) => void reply.header("content-security-policy", policy))
      }
      consoleRoutes(on, { console })
    },
  })
  // Its port is known once it listens, and the application answers to the origins that it was made with.
  const server = createServer(({ url = "/", headers }, response) => {
    void app.inject({ url, headers: { ...headers, host: "localhost" } }).then((answer) => {
      response.writeHead(answer.statusCode, answer.headers as OutgoingHttpHeaders).end(answer.rawPayload)
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(async () => {
    server.close()
    await app.close()
  })
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

const changes: readonly [string, (dir: string) => Promise<void>, string, string][] = [
  [
    "a script with one more line",
    async (dir) => writeFile(join(dir, "assets/index-a1b2.js"), `${FILES["assets/index-a1b2.js"]}steal()`),
    "assets/index-a1b2.js",
    "differs",
  ],
  [
    "a script that is much longer",
    async (dir) => writeFile(join(dir, "assets/index-a1b2.js"), "x".repeat(1_000_000)),
    "assets/index-a1b2.js",
    "differs",
  ],
  [
    "a page with another script",
    async (dir) => writeFile(join(dir, "index.html"), `${FILES["index.html"]}<script src="/assets/other.js"></script>`),
    "index.html",
    "differs",
  ],
  ["a missing style", async (dir) => rm(join(dir, "assets/index-c3d4.css")), "assets/index-c3d4.css", "missing"],
]

describe("a console in a folder", () => {
  it("is the build's while every file is", async () => {
    expect(await verifyConsoleFolder(await copyWith(), await readConsoleManifest(built))).toEqual({
      ok: true,
      files: 3,
      differences: [],
    })
  })

  it.each(changes)("with %s is not the build's", async (_what, change, path, kind) => {
    const check = await verifyConsoleFolder(await copyWith(change), await readConsoleManifest(built))
    expect(check).toMatchObject({ ok: false, differences: [{ path, kind }] })
  })

  it("with a file or a link that the build does not have is not the build's", async () => {
    const dir = await copyWith(async (copy) => {
      await writeFile(join(copy, "assets/other.js"), "other()")
      await symlink(join(built, "index.html"), join(copy, "assets/linked.txt"))
    })
    const { differences } = await verifyConsoleFolder(dir, await readConsoleManifest(built))
    expect(differences).toEqual([
      { path: "assets/linked.txt", kind: "extra" },
      { path: "assets/other.js", kind: "extra" },
    ])
  })
})

describe("a console that a server serves", () => {
  it("is the build's, whatever nonce its page has", async () => {
    const manifest = await readConsoleManifest(built)
    const origin = await serve(await copyWith())
    expect(await verifyConsoleAt(origin, manifest)).toEqual({ ok: true, files: 3, differences: [] })
    expect(await verifyConsoleAt(`${origin}/cases`, manifest)).toMatchObject({ ok: true })
  })

  it.each(changes)("with %s is not the build's", async (_what, change, path, kind) => {
    const check = await verifyConsoleAt(await serve(await copyWith(change)), await readConsoleManifest(built))
    expect(check.ok).toBe(false)
    expect(check.differences).toContainEqual({ path, kind })
  })

  it.each([
    "",
    "script-src 'self'",
    "default-src 'none'; script-src 'self' https://evil.example",
    "default-src 'none'; script-src 'self' 'unsafe-inline'",
    "default-src 'none'; script-src 'self'; script-src-elem *",
  ])("with the policy %j is not trusted", async (policy) => {
    const check = await verifyConsoleAt(await serve(await copyWith(), policy), await readConsoleManifest(built))
    expect(check).toMatchObject({ ok: false, differences: [{ path: "index.html", kind: "policy" }] })
  })

  it("is asked for over TLS or on this machine alone", async () => {
    const manifest = await readConsoleManifest(built)
    for (const address of ["http://nightlight.example", "ftp://localhost", "http://localhost.evil.example", "x"]) {
      await expect(verifyConsoleAt(address, manifest)).rejects.toMatchObject({ code: "input_invalid" })
    }
    await expect(verifyConsoleAt("http://127.0.0.1:1", manifest)).rejects.toMatchObject({ code: "unavailable" })
  })
})

describe("a build's manifest", () => {
  it("is refused when it is damaged, or names files beyond its folder", async () => {
    const text = await readFile(join(built, "console-manifest.json"), "utf8")
    for (const bad of ["{", text.replace("index.html", "../index.html"), text.replace("/1", "/2")]) {
      const dir = await copyWith((copy) => writeFile(join(copy, "console-manifest.json"), bad))
      await expect(readConsoleManifest(dir)).rejects.toMatchObject({ code: "input_invalid" })
    }
    await expect(readConsoleManifest(parent)).rejects.toMatchObject({ code: "not_found" })
  })
})
