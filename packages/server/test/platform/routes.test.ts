import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { buildApp } from "../../src/app/build-app.ts"
import { type Context, createContext } from "../../src/app/context.ts"
import { PERMISSIONS } from "../../src/platform/auth/permissions.ts"
import { ensureServerFolder } from "../../src/platform/config/folder.ts"
import { readServerConfig } from "../../src/platform/config/read.ts"
import { openApiDocument } from "../../src/platform/http/openapi.ts"
import { createLog } from "../../src/platform/log.ts"
import { collectLog } from "../support/app.ts"

/** Everything as the server makes it, on a folder of its own; nothing is connected to before the first call. */
let dir: string
let context: Context
let app: FastifyInstance

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "nightlight-routes-"))
  const folder = await ensureServerFolder(dir)
  const log = createLog({ process: "test", destination: collectLog() })
  const consoleDir = join(dir, "console")
  await mkdir(consoleDir)
  await writeFile(join(consoleDir, "index.html"), "<!doctype html>")
  const config = await readServerConfig(folder.config)
  context = await createContext({ ...config, database: { host: dir }, consoleDir, log })
  app = await buildApp(context)
  await app.ready()
})
afterAll(async () => {
  await app.close()
  await context.close()
  await rm(dir, { recursive: true, force: true })
})

/** The routes that Fastify itself knows, as `METHOD /path`. */
function registered(): readonly string[] {
  const found: string[] = []
  const stack: { depth: number; part: string }[] = []
  for (const line of app.printRoutes({ commonPrefix: false }).split("\n")) {
    const [, indent = "", path = "", methods = ""] = /^([│ ]*)[├└]── (\S*)(?: \(([^)]*)\))?/.exec(line) ?? []
    if (path === "") continue
    const depth = indent.length / 4
    while ((stack.at(-1)?.depth ?? -1) >= depth) stack.pop()
    stack.push({ depth, part: path })
    const url = stack
      .map(({ part }) => part)
      .join("")
      .replace(/^\*$/, "/*")
    for (const method of methods.split(", ").filter((name) => name !== "" && name !== "HEAD"))
      found.push(`${method} ${url}`)
  }
  return found.sort()
}

describe("every route", () => {
  it("names its permission and its object check, or why it has none", () => {
    expect(app.nightlightRoutes.length).toBeGreaterThan(50)
    for (const { method, url, access, object } of app.nightlightRoutes) {
      const route = `${method} ${url}`
      if (access.kind === "public") expect(access.because.length, route).toBeGreaterThan(10)
      else expect(Object.keys(PERMISSIONS), route).toContain(access.permission)
      expect(["none", "check"], route).toContain(object)
    }
  })

  it("was registered by addRoute: Fastify knows no other", () => {
    const known = app.nightlightRoutes.map(({ method, url }) => `${method} ${url}`).sort()
    expect(registered()).toEqual(known)
    expect(new Set(known).size).toBe(known.length)
  })

  it("answers a stranger nothing but what is open to anybody", async () => {
    const open = app.nightlightRoutes.filter(({ access }) => access.kind === "public").map(({ url }) => url)
    expect(
      open.filter(
        (url) =>
          !/^\/(\*$|healthz|readyz|v1\/(openapi\.json|sign-in|setup|join|links?|invitations?|me|reset|enrol))/.test(
            url,
          ),
      ),
    ).toEqual([])
    for (const { method, url, access } of app.nightlightRoutes) {
      if (access.kind === "public") continue
      const path = url.replaceAll(/:[A-Za-z]+/g, "x")
      const answer = await app.inject({ method: method as "GET", url: path, headers: { host: "localhost:8080" } })
      expect([answer.statusCode, answer.json<{ type: string }>().type], `${method} ${url}`).toEqual([
        401,
        "unauthenticated",
      ])
    }
  })

  it("lets whoever approves a report read what it says", () => {
    const accessOf = (route: string) =>
      app.nightlightRoutes.find(({ method, url }) => `${method} ${url}` === route)?.access
    const { permission } = accessOf("POST /v1/reports/:reportId/approve") as { readonly permission: string }
    expect(accessOf("GET /v1/reports/:reportId")).toEqual({ kind: "permission", permission })
  })

  it("is described in docs/reference/openapi.json, which `npm run docs` writes", async () => {
    const committed = JSON.parse(
      await readFile(new URL("../../../../docs/reference/openapi.json", import.meta.url), "utf8"),
    ) as object
    expect(committed).toEqual(openApiDocument(app))
    const answer = await app.inject({ url: "/v1/openapi.json", headers: { host: "localhost:8080" } })
    expect(answer.json()).toEqual(openApiDocument(app))
  })
})

it("every job has a name of its own and a payload that a schedule can fill", () => {
  const jobs = context.features.flatMap((feature) => feature.jobs ?? [])
  expect(new Set(jobs.map(({ name }) => name)).size).toBe(jobs.length)
  for (const job of jobs.filter(({ schedule }) => schedule !== undefined)) {
    expect(job.payload.safeParse({}).success, job.name).toBe(true)
  }
  for (const { name, tries, expireSeconds } of jobs) {
    expect(name).toMatch(/^[a-z][a-z-]{2,40}$/)
    expect(tries).toBeGreaterThan(0)
    expect(expireSeconds).toBeGreaterThan(0)
  }
})
