import { mkdtemp, readFile, rm } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, beforeAll, expect, it } from "vitest"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { createAlarms } from "../../../src/staff/alarms/service.ts"
import { createPagerCalls } from "../../../src/staff/pager/calls.ts"
import { pagePerson } from "../../../src/staff/pager/page-person.ts"
import type { PagerConfig } from "../../../src/staff/pager/types.ts"

const call = { code: "imminent-danger", subject: "case-1" } as const
const clock = { now: () => new Date("2026-03-02T09:00:00.000Z") }
const never = new AbortController().signal

let server: Server
let url: string
let status = 204
const bodies: string[] = []
beforeAll(async () => {
  server = createServer((request, response) => {
    request.setEncoding("utf8")
    let body = ""
    request.on("data", (chunk: string) => {
      body += chunk
    })
    request.on("end", () => {
      bodies.push(body)
      response.writeHead(status, { location: "/elsewhere" }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pager`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const db = useDatabase()
const service = () => {
  const deps = { db: db.database.kysely, clock }
  const alarms = createAlarms(deps)
  return { ...deps, alarms, calls: createPagerCalls({ ...deps, alarms }) }
}

/** Opens a call, and has it made once. */
async function run(config: PagerConfig, subject: string = call.subject): Promise<void> {
  const { calls, ...deps } = service()
  const { callId } = await transact(deps, "system-test", (tx) => calls.open(tx, { ...call, subject, isSet: true }))
  await pagePerson({ config, clock, calls }).run({ ...call, subject, callId }, never)
}

it("posts a code, an id and a time to the webhook, and nothing else", async () => {
  await run({ webhook: { url } })
  expect(bodies.map((body) => JSON.parse(body))).toEqual([{ ...call, at: "2026-03-02T09:00:00.000Z" }])
})

it.each([301, 404, 503])("is tried again when the webhook answers %i, and follows no redirect", async (answer) => {
  status = answer
  const before = bodies.length
  await expect(run({ webhook: { url } })).rejects.toMatchObject({ code: "unavailable", retryable: true })
  expect(bodies).toHaveLength(before + 1)
  status = 204
})

it("is tried again when nobody answers, and says nothing of where", async () => {
  const dead = run({ webhook: { url: "http://127.0.0.1:1/canary-token" } })
  await expect(dead).rejects.toMatchObject({ code: "unavailable", message: expect.not.stringContaining("canary") })
})

it("runs the command though the webhook takes no call, and is tried again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nightlight-pager-"))
  const path = join(folder, "called")
  const both = run({
    webhook: { url: "http://127.0.0.1:1/" },
    command: ["/bin/sh", "-c", 'printf "%s" "$1" > "$0"', path],
  })
  await expect(both).rejects.toMatchObject({ code: "unavailable", retryable: true })
  expect(await readFile(path, "utf8")).toBe("imminent-danger")
  await rm(folder, { recursive: true })
})

it("runs a command with code and id as its last arguments", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nightlight-pager-"))
  const path = join(folder, "called")
  await run({ command: ["/bin/sh", "-c", 'printf "%s %s" "$1" "$2" > "$0"', path] })
  expect(await readFile(path, "utf8")).toBe("imminent-danger case-1")
  await rm(folder, { recursive: true })
  await expect(run({ command: ["/bin/false"] })).rejects.toMatchObject({ code: "unavailable" })
})

it("a call is accepted once a pager accepted it, and not before", async () => {
  const { calls, ...deps } = service()
  const subject = "case-accepted"
  const { callId } = await transact(deps, "system-test", (tx) => calls.open(tx, { ...call, subject, isSet: true }))
  expect(await calls.about(subject)).toMatchObject({ state: "queued", tries: 0, acceptedAt: undefined })
  const job = pagePerson({ config: { webhook: { url } }, clock, calls })
  status = 503
  await expect(job.run({ ...call, subject, callId }, never)).rejects.toMatchObject({ code: "unavailable" })
  await expect(job.run({ ...call, subject, callId }, never)).rejects.toMatchObject({ code: "unavailable" })
  expect(await calls.about(subject)).toMatchObject({ state: "failing", tries: 2, fault: "webhook" })
  status = 204
  await job.run({ ...call, subject, callId }, never)
  expect(await calls.about(subject)).toMatchObject({ state: "accepted", tries: 3, acceptedAt: clock.now() })
  const types = (await readEvents(db.database.kysely, { subject })).map(({ type }) => type)
  expect(types).toEqual(["pager.queued", "pager.failed", "alarm.raised", "pager.accepted"])
  const alarms = await deps.alarms.list(true)
  expect(alarms.filter((alarm) => alarm.subject === subject)).toMatchObject([{ code: "pager-failed", times: 1 }])
})

it("a call is accepted where one of two ways accepted it, and still tried again by the other", async () => {
  const subject = "case-half"
  const half = run({ webhook: { url }, command: ["/bin/false"] }, subject)
  await expect(half).rejects.toMatchObject({ code: "unavailable" })
  expect(await service().calls.about(subject)).toMatchObject({ state: "accepted", fault: "command" })
})

it("a call is accepted by nobody where the pager was removed from the configuration since", async () => {
  await expect(run({}, "case-gone")).rejects.toMatchObject({ code: "unavailable" })
  expect(await service().calls.about("case-gone")).toMatchObject({ state: "failing", fault: "not-set" })
})
