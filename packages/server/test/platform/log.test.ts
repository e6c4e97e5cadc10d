import { DependencyError } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { z } from "zod"
import { addRoute } from "../../src/platform/http/route.ts"
import { createLog } from "../../src/platform/log.ts"
import { collectLog, testApp } from "../support/app.ts"

const parsed = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as Record<string, unknown>)

describe("the log", () => {
  it("lets out listed fields of listed forms, and listed messages", () => {
    const written = collectLog()
    const log = createLog({ process: "test", destination: written })
    log.info(
      { job: "settle", count: 3, code: "timed_out", url: "canary-url", caseId: "canary text with blanks" },
      "job done",
    )
    log.warn({ err: new Error("canary-error") }, "canary message %s", "canary-argument")
    log.error(new DependencyError("unavailable", "canary-ours"))
    log.info("canary-alone")
    expect(written.lines.join("")).not.toContain("canary")
    expect(parsed(written.lines)[0]).toMatchObject({
      level: "info",
      job: "settle",
      count: 3,
      code: "timed_out",
      message: "job done",
    })
    expect(written.lines).toHaveLength(4)
  })

  it("binds nothing else to a child, with serializers or without", () => {
    const written = collectLog()
    const log = createLog({ process: "test", destination: written })
    const child = log.child({ url: "canary-url", jobId: "job-1" }, { serializers: { jobId: () => "canary-made" } })
    child.child({ deeper: "canary-deeper" }).info("job done")
    expect(written.lines.join("")).not.toContain("canary")
    expect(parsed(written.lines)[0]).toMatchObject({ jobId: "job-1" })
  })

  it("holds nothing of what a caller sends or an error quotes, whole requests through", async () => {
    const destination = collectLog()
    const app = await testApp({
      destination,
      routes: (made) =>
        addRoute(made, {
          method: "POST",
          url: "/things/:thing",
          summary: "Fails.",
          reply: z.strictObject({}),
          access: { kind: "public", because: "a test" },
          object: { kind: "none", because: "a test" },
          body: z.strictObject({ text: z.string() }),
          params: z.strictObject({ thing: z.string() }),
          query: z.looseObject({}),
          handle: async ({ body }) => {
            throw new Error(`canary-thrown ${body.text}`)
          },
        }),
    })
    const headers = {
      "user-agent": "canary-agent",
      cookie: "canary=canary",
      origin: "http://localhost",
      referer: "http://canary/",
    }
    const calls = [
      { method: "POST", url: "/things/canary-param?q=canary-query", payload: { text: "canary-body" }, headers },
      { method: "POST", url: "/things/canary-param", payload: { canary: 1 }, headers },
      { method: "GET", url: "/canary-path", headers },
      { method: "GET", url: "/canary-path", headers: { ...headers, host: "canary.example" } },
    ] as const
    for (const call of calls) await app.inject(call)
    expect(destination.lines.join("")).not.toContain("canary")
    const requests = parsed(destination.lines).filter(({ message }) => message === "request")
    expect(requests).toHaveLength(calls.length)
    expect(requests[0]).toMatchObject({
      method: "POST",
      route: "/things/:thing",
      status: 500,
      request: expect.stringMatching(/^request-/),
    })
  })
})
