import { randomUUID } from "node:crypto"
import { RequestError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { describe, expect, it } from "vitest"
import { z } from "zod"
import type { Actor } from "../../src/platform/auth/actor.ts"
import { addRoute } from "../../src/platform/http/route.ts"
import { collectLog, testApp } from "../support/app.ts"

const person: Actor = {
  kind: "person",
  id: `person-${randomUUID()}` as never,
  roles: new Set(["reviewer"]),
  session: "session-1",
  steppedUpUntil: undefined,
}

function echo(app: FastifyInstance): void {
  const open = { kind: "public", because: "a test" } as const
  const none = { kind: "none", because: "a test" } as const
  const reply = z.strictObject({ said: z.string() })
  const body = z.strictObject({ text: z.string().max(20) })
  addRoute(app, {
    method: "POST",
    url: "/echo/:name",
    summary: "Says it back.",
    access: open,
    object: none,
    body,
    reply,
    params: z.strictObject({ name: z.string() }),
    handle: async ({ body }) => ({ said: body.text }),
  })
  addRoute(app, {
    method: "GET",
    url: "/cases/:caseId",
    summary: "A case.",
    reply,
    access: { kind: "permission", permission: "case:read" },
    params: z.strictObject({ caseId: z.string() }),
    object: { kind: "check", allows: async (_, { caseId }) => caseId === "mine" },
    handle: async () => ({ said: "yours" }),
  })
  addRoute(app, {
    method: "GET",
    url: "/stepped",
    summary: "Asks again.",
    reply,
    object: none,
    access: { kind: "permission", permission: "case:read", stepUp: true },
    handle: async () => ({ said: "ok" }),
  })
  addRoute(app, {
    method: "GET",
    url: "/broken/:how",
    summary: "Fails.",
    access: open,
    object: none,
    reply,
    params: z.strictObject({ how: z.string() }),
    handle: async ({ params }) => {
      if (params.how === "ours")
        throw new RequestError("state_conflict", "it is claimed", { details: { by: "person-1" } })
      if (params.how === "shape") return { said: "x", extra: "canary-extra" } as never
      throw new Error("canary-foreign /etc/canary-path")
    },
  })
}

const send = (app: FastifyInstance, text: string, headers: Record<string, string> = {}) =>
  app.inject({
    method: "POST",
    url: "/echo/a",
    payload: text,
    headers: { "content-type": "application/json", ...headers },
  })

describe("a route", () => {
  it("answers a stranger 401, who lacks the permission 403, whose object it is not 404, and the rest", async () => {
    const asNobody = await testApp({ routes: echo })
    expect((await asNobody.inject("/cases/mine")).json()).toMatchObject({ type: "unauthenticated", status: 401 })
    const asAuditor = await testApp({
      routes: echo,
      authenticate: async () => ({ ...person, roles: new Set(["administrator"]) }),
    })
    expect((await asAuditor.inject("/cases/mine")).json()).toMatchObject({ type: "forbidden", permission: "case:read" })
    const asReviewer = await testApp({ routes: echo, authenticate: async () => person })
    expect((await asReviewer.inject("/cases/other")).json()).toMatchObject({ type: "not_found", status: 404 })
    expect((await asReviewer.inject("/cases/mine")).json()).toEqual({ said: "yours" })
    expect((await asReviewer.inject("/stepped")).json()).toMatchObject({ type: "step_up_required", status: 403 })
  })

  it("reads no body of a caller who may not call", async () => {
    const app = await testApp({
      routes: (made) =>
        addRoute(made, {
          method: "POST",
          url: "/secret",
          summary: "A.",
          object: { kind: "none", because: "a test" },
          access: { kind: "permission", permission: "case:review" },
          body: z.strictObject({ a: z.literal(1) }),
          reply: z.strictObject({}),
          handle: async () => ({}),
        }),
    })
    const answer = await app.inject({
      method: "POST",
      url: "/secret",
      payload: "not json",
      headers: { "content-type": "application/json" },
    })
    expect(answer.statusCode).toBe(401)
  })
})

describe("an error", () => {
  it.each([
    ["/broken/ours", 409, { type: "state_conflict", title: "it is claimed", by: "person-1" }],
    ["/broken/foreign", 500, { type: "internal", title: "internal error" }],
    ["/broken/shape", 500, { type: "internal" }],
    ["/nowhere", 404, { type: "not_found" }],
    ["/echo/a", 405, { type: "input_invalid" }],
  ])("of %s is a problem document that says only what is ours", async (url, status, problem) => {
    const app = await testApp({ routes: echo })
    const answer = await app.inject(url)
    expect(answer.statusCode).toBe(status)
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/)
    expect(answer.json()).toMatchObject({ ...problem, status })
    expect(answer.body).not.toContain("canary")
  })

  it("of a path that takes another method says which", async () => {
    const app = await testApp({ routes: echo })
    expect((await app.inject("/echo/a")).headers["allow"]).toBe("POST")
  })

  it("of a body that does not fit names our members, never the values", async () => {
    const app = await testApp({ routes: echo })
    const answer = await send(app, JSON.stringify({ text: "canary-".repeat(9) }))
    expect(answer.json()).toMatchObject({ type: "input_invalid", status: 400, members: ["body/text"] })
    expect(answer.body).not.toContain("canary")
  })

  it.each([
    ["a key twice", '{"text":"a","text":"b"}', {}, 400],
    ["a body beyond the cap", JSON.stringify({ text: "a".repeat(300_000) }), {}, 413],
    ["a body of another type", "text=a", { "content-type": "application/x-www-form-urlencoded" }, 415],
  ])("of %s has its status", async (_, text, headers, status) => {
    const app = await testApp({ routes: echo })
    const answer = await send(app, text, headers)
    expect(answer.statusCode).toBe(status)
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/)
  })
})

describe("in front of every route", () => {
  it("a host name that is not ours is refused, a probe is not", async () => {
    const app = await testApp({
      routes: echo,
      features: [
        {
          name: "probe",
          routes: (made) =>
            addRoute(made, {
              method: "GET",
              url: "/healthz",
              summary: "Lives.",
              reply: z.strictObject({}),
              access: { kind: "public", because: "a probe" },
              object: { kind: "none", because: "a probe" },
              handle: async () => ({}),
            }),
        },
      ],
    })
    const headers = { host: "canary.example" }
    expect((await app.inject({ url: "/broken/ours", headers })).json()).toMatchObject({ type: "forbidden" })
    expect((await app.inject({ url: "/healthz", headers })).statusCode).toBe(200)
  })

  it.each([
    ["from our own page", { origin: "http://localhost" }, 200],
    ["from our own page, by a browser that names no origin", { "sec-fetch-site": "same-origin" }, 200],
    ["from another page", { origin: "http://evil.example" }, 403],
    ["from a sandboxed page", { origin: "null" }, 403],
    ["from who knows where", {}, 403],
  ])("a call with a cookie that changes something must come from our own page: %s", async (_, headers, status) => {
    const app = await testApp({ routes: echo })
    const answer = await send(app, '{"text":"a"}', { cookie: "nightlight=x", ...headers })
    expect(answer.statusCode).toBe(status)
  })

  it("a call with a key needs no origin", async () => {
    const app = await testApp({ routes: echo })
    expect((await send(app, '{"text":"a"}', { authorization: "Bearer x" })).statusCode).toBe(200)
  })

  it("an answer is kept in its place by headers, errors too", async () => {
    const app = await testApp({ routes: echo, origins: ["https://localhost"] })
    for (const url of ["/broken/ours", "/nowhere"]) {
      const { headers } = await app.inject(url)
      expect(headers).toMatchObject({
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "strict-transport-security": expect.stringContaining("max-age="),
      })
      expect(headers["x-request-id"]).toMatch(/^request-[0-9a-f-]{36}$/)
    }
  })

  it("a request id is ours, whatever the caller sends", async () => {
    const destination = collectLog()
    const app = await testApp({ routes: echo, destination })
    const answer = await app.inject({
      url: "/broken/ours",
      headers: { "request-id": "canary-id", "x-request-id": "canary-id" },
    })
    expect(answer.headers["x-request-id"]).not.toContain("canary")
    expect(destination.lines.join("")).not.toContain("canary")
  })
})
