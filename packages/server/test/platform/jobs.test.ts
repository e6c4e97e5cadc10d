import { randomUUID } from "node:crypto"
import { DependencyError, MINUTE_MS, RequestError, systemClock } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { Client } from "pg"
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import { z } from "zod"
import { createTasks } from "../../src/oversight/operations/tasks.ts"
import { readEvents } from "../../src/platform/events/read.ts"
import { installQueue } from "../../src/platform/jobs/install.ts"
import type { JobDefinition } from "../../src/platform/jobs/job.ts"
import { createJobs } from "../../src/platform/jobs/producer.ts"
import { openProducer } from "../../src/platform/jobs/queue.ts"
import { startWorker, type Worker } from "../../src/platform/jobs/registry.ts"
import { createLog } from "../../src/platform/log.ts"
import { collectLog } from "../support/app.ts"

const db = useDatabase()
const written = collectLog()
const log = createLog({ process: "test", destination: written })
const Payload = z.strictObject({ id: z.string() })
type Run = (id: string, signal: AbortSignal) => Promise<void>
let run: Run = async () => undefined
const seen: string[] = []

const job = (name: string, rest: Partial<JobDefinition> = {}): JobDefinition => ({
  name,
  payload: Payload,
  tries: 3,
  retryDelaySeconds: 0,
  expireSeconds: 60,
  ...rest,
  run: async (payload, signal) => {
    const { id } = payload as z.infer<typeof Payload>
    seen.push(`${name} ${id}`)
    await run(id, signal)
  },
})
const definitions = [job("settle"), job("single", { concurrency: 2 })]

const boss = { promise: undefined as ReturnType<typeof openProducer> | undefined }
const jobs = createJobs(() => {
  boss.promise ??= openProducer(db.database, log)
  return boss.promise
})
const workers: Worker[] = []

async function worker(): Promise<Worker> {
  const tasks = createTasks({ db: db.database.kysely, clock: systemClock })
  const started = await startWorker({
    database: db.app,
    jobs: definitions,
    log,
    leaveToPerson: (failed) => tasks.leaveJob(failed),
  })
  workers.push(started)
  return started
}

const enqueue = (name: string, id: string, options = {}) =>
  db.database.kysely.transaction().execute((trx) => jobs.enqueue(trx, name, { id }, options))
const ran = (id: string) => seen.filter((one) => one.endsWith(` ${id}`)).length
const waits = { timeout: 30_000, interval: 20 }

beforeAll(async () => installQueue(db.owner, definitions, log))
afterEach(async () => {
  for (const one of workers.splice(0)) await one.stop()
  run = async () => undefined
})
afterAll(async () => {
  await (await boss.promise)?.stop({ graceful: false })
})

describe("the queue", () => {
  it("is installed again without harm, and by several at once", async () => {
    await Promise.all([installQueue(db.owner, definitions, log), installQueue(db.owner, definitions, log)])
  })

  it("has a job if and only if the transaction that queued it commits", async () => {
    const [kept, lost] = [randomUUID(), randomUUID()]
    await enqueue("settle", kept)
    const failing = db.database.kysely.transaction().execute(async (trx) => {
      await jobs.enqueue(trx, "settle", { id: lost })
      throw new Error("rolled back")
    })
    await expect(failing).rejects.toThrow("rolled back")
    await worker()
    await vi.waitFor(() => expect(ran(kept)).toBe(1), waits)
    const after = randomUUID()
    await enqueue("settle", after)
    await vi.waitFor(() => expect(ran(after)).toBe(1), waits)
    expect(ran(lost)).toBe(0)
  })

  it("holds one waiting job for a key, and any number without one", async () => {
    const [first, second, free] = [randomUUID(), randomUUID(), randomUUID()]
    await enqueue("single", first, { singletonKey: "k" })
    await enqueue("single", second, { singletonKey: "k" })
    for (let index = 0; index < 3; index++) await enqueue("single", free)
    await worker()
    await vi.waitFor(() => expect([ran(first), ran(free)]).toEqual([1, 3]), waits)
    expect(ran(second)).toBe(0)
  })

  it("gives the application no right to change the queue's schema", async () => {
    const client = new Client(db.app as never)
    await client.connect()
    const attempt = client.query("ALTER TABLE pgboss.job ADD COLUMN canary text")
    await expect(attempt).rejects.toMatchObject({ code: "42501" })
    await client.end()
  })

  it("says that migrations must run where there is no queue", async () => {
    const missing = enqueue("never-made", randomUUID())
    await expect(missing).rejects.toMatchObject({ code: "unavailable" })
  })
})

describe("a job that fails", () => {
  it("runs again where its error says that it may pass, without a word on it for people", async () => {
    const id = randomUUID()
    run = async (one) => {
      if (one === id && ran(id) < 2) throw new DependencyError("timed_out", "canary-slow")
    }
    await enqueue("settle", id)
    await worker()
    await vi.waitFor(() => expect(ran(id)).toBe(2), waits)
    expect(await readEvents(db.database.kysely, { type: "job.failed" })).toEqual([])
  })

  it.each([
    ["at once where the error says no", () => new RequestError("not_found", "canary-gone"), "not_found", 1],
    ["after its tries", () => new DependencyError("timed_out", "canary-slow"), "timed_out", 3],
    [
      "at once where the error is a stranger's, which may quote anything",
      () => new Error("canary-foreign"),
      "internal",
      1,
    ],
  ])("is left to a person %s", { timeout: 3 * MINUTE_MS }, async (_, error, code, tries) => {
    const id = randomUUID()
    run = async (one) => {
      if (one === id) throw error()
    }
    await enqueue("settle", id)
    await worker()
    const task = await vi.waitFor(async () => {
      const found = await db.database.kysely.selectFrom("tasks").selectAll().where("closed_at", "is", null).execute()
      const mine = found.find(({ payload }) => (payload as { id?: string }).id === id)
      expect(mine).toBeDefined()
      return mine
    }, waits)
    expect(task).toMatchObject({ kind: "job-failed", code, subject: expect.stringMatching(/^job-[0-9a-f-]{36}$/) })
    expect(ran(id)).toBe(tries)
    const events = await readEvents(db.database.kysely, { subject: task?.subject ?? "" })
    expect(events).toMatchObject([{ type: "job.failed", data: { job: "settle", code, tries } }])
  })

  it("leaves nothing of the error's words in the log or in the database", async () => {
    const { rows } = await db.database.pool.query<{ found: string }>(
      "SELECT (SELECT string_agg(j::text, '') FROM pgboss.job j) || (SELECT string_agg(t::text, '') FROM tasks t) AS found",
    )
    expect(rows[0]?.found).toContain("timed_out")
    expect(rows[0]?.found).not.toContain("canary")
    expect(written.lines.join("")).not.toContain("canary")
  })
})

describe("several workers on one database", () => {
  it("share the jobs and run each once", async () => {
    await Promise.all([worker(), worker(), worker()])
    const ids = Array.from({ length: 30 }, () => randomUUID())
    await Promise.all(ids.map((id) => enqueue("single", id)))
    await vi.waitFor(() => expect(ids.filter((id) => ran(id) > 0)).toHaveLength(ids.length), waits)
    expect(ids.map(ran)).toEqual(ids.map(() => 1))
  })
})

describe("a worker that finds many jobs waiting", () => {
  // With a wait between two of them these would take longer than anybody waits here.
  it("does one after the other", async () => {
    const ids = Array.from({ length: 40 }, () => randomUUID())
    for (const id of ids) await enqueue("settle", id)
    await worker()
    await vi.waitFor(() => expect(ids.map(ran)).toEqual(ids.map(() => 1)), waits)
  })
})

describe("a worker that stops", () => {
  it("finishes what is under way and takes nothing more", async () => {
    const [id, later] = [randomUUID(), randomUUID()]
    const begun = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    let finished = false
    run = async (one) => {
      if (one !== id) return
      begun.resolve()
      await finish.promise
      finished = true
    }
    await enqueue("settle", id)
    const stopping = await worker()
    await begun.promise
    const stopped = stopping.stop()
    await enqueue("settle", later)
    finish.resolve()
    await stopped
    expect(finished).toBe(true)
    expect(ran(later)).toBe(0)
    await worker()
    await vi.waitFor(() => expect(ran(later)).toBe(1), waits)
    expect(ran(id)).toBe(1)
  })
})
