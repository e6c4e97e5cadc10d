import { renameSync } from "node:fs"
import { join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { PATTERNS } from "@nightlight/dev-env/guard/guard"
import { chatAnswer } from "@nightlight/dev-env/guard/upstream"
import { dataUrl, picture } from "@nightlight/dev-env/guard/workspace"
import { expect, it } from "vitest"
import { chat, endUser } from "./support/traffic.ts"
import { isWorker, startWorkersGuard, type WorkersGuard } from "./support/workers-guard.ts"

const show = (bytes: Uint8Array) => [{ type: "image_url", image_url: { url: dataUrl(bytes) } }]

/** A process starts slowly on a busy machine. */
const START = { timeout: 100_000 }

/** So many calls, each over a connection of its own; how many got which status. */
async function statuses(calls: readonly Promise<{ readonly status: number }>[]): Promise<Record<number, number>> {
  const counted: Record<number, number> = {}
  for (const { status } of await Promise.all(calls)) counted[status] = (counted[status] ?? 0) + 1
  return counted
}

const times = <Result>(count: number, one: () => Result): Result[] => Array.from({ length: count }, one)

function passedIn(metrics: string): number {
  return Number(/exchanges_total\{endpoint="chat",end="passed"\} (\d+)/.exec(metrics)?.[1] ?? 0)
}

/** Kills workers, and waits until the guard said that they are missing and has others. */
async function killWorkers(guard: WorkersGuard, pids: readonly number[]): Promise<void> {
  for (const pid of pids) process.kill(pid, "SIGKILL")
  await expect.poll(() => guard.ready()).toMatchObject({ status: 503, faults: ["worker_missing"] })
  await expect.poll(() => guard.ready(), START).toMatchObject({ status: 200, workers: { configured: 2, ready: 2 } })
}

it("a guard matches pictures of all workers against the first process's index, and counts them together", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const [known, unknown] = [await picture(1), await picture(2)]
  await using guard = await startWorkersGuard([known])
  expect(await guard.ready()).toMatchObject({ status: 200, workers: { configured: 2, ready: 2 } })
  const before = guard.workerPids()
  expect(before).toHaveLength(2)
  expect(await statuses(times(4, () => chat(guard.url, show(known))))).toEqual({ 400: 4 })
  expect(await statuses(times(4, () => chat(guard.url, show(unknown))))).toEqual({ 200: 4 })
  expect(passedIn(await guard.metrics())).toBe(4)
  // The same picture of the same caller is one incident, whichever worker saw it.
  expect(await guard.incidents()).toHaveLength(1)

  // No worker that starts from here on could read an index.
  renameSync(join(guard.dir, "index"), join(guard.dir, "elsewhere"))
  for (const pid of before) process.kill(pid, "SIGKILL")
  await expect
    .poll(() => guard.ready())
    .toMatchObject({ status: 503, faults: expect.arrayContaining(["worker_missing"]) })
  await expect.poll(() => guard.ready(), START).toMatchObject({ workers: { configured: 2, ready: 2 }, status: 200 })
  expect(guard.workerPids().filter((pid) => before.includes(pid))).toEqual([])
  expect(await statuses(times(4, () => chat(guard.url, show(known))))).toEqual({ 400: 4 })
  expect(await statuses(times(2, () => chat(guard.url, show(unknown))))).toEqual({ 200: 2 })
  expect(passedIn(await guard.metrics())).toBe(6)
  expect(guard.told).toContainEqual({ event: "alarm", code: "worker_lost" })
  expect(guard.complaint()).toBe("")
})

it("a guard counts calls of a key, blocks of an account and incidents over all workers", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  await using guard = await startWorkersGuard([await picture(1)], { rest: "limits: { perMinute: 1, burst: 30 }\n" })
  const named = (content: string, headers = endUser("user-1")) => chat(guard.url, content, headers)
  // A retry is the same call: it counts once.
  const retried = endUser("user-1")
  for (let blocks = 0; blocks < 2; blocks++) expect((await named("a canary-phrase", retried)).status).toBe(400)
  for (let blocks = 1; blocks < 5; blocks++) expect((await named("a canary-phrase")).status).toBe(400)
  expect((await named("hello")).status).toBe(200)
  expect((await named("a canary-phrase")).status).toBe(400)
  expect(await statuses(times(4, () => named("hello")))).toEqual({ 403: 4 })
  const replayed = { ...endUser("user-2"), "x-nightlight-nonce": retried["x-nightlight-nonce"] ?? "" }
  expect((await named("hello", replayed)).status).toBe(400)
  expect(await guard.incidents()).toHaveLength(1)
  // 13 of the 30 calls are taken.
  expect(await statuses(times(25, () => chat(guard.url, "hello")))).toEqual({ 200: 17, 429: 8 })
})

it("a guard loses only the exchanges of a killed worker, and finishes calls in progress when it is stopped", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  await using guard = await startWorkersGuard([await picture(1)])
  const held: (() => void)[] = []
  guard.upstream.answer = (_seen, response) =>
    void held.push(() =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(chatAnswer())),
    )
  const release = () => {
    for (const answer of held.splice(0)) answer()
  }
  const calls = times(2, () => chat(guard.url, "hello").catch(() => "lost"))
  await expect.poll(() => held.length).toBe(2)
  await killWorkers(guard, guard.workerPids().slice(0, 1))
  release()
  const ended = await Promise.all(calls)
  expect(ended.filter((one) => one === "lost")).toHaveLength(1)
  expect(ended).toContainEqual(expect.objectContaining({ status: 200 }))

  const last = times(2, () => chat(guard.url, "hello"))
  await expect.poll(() => held.length).toBe(2)
  const stopped = guard.stop()
  await expect.poll(() => guard.told.some(({ event }) => event === "draining")).toBe(true)
  release()
  expect(await statuses(last)).toEqual({ 200: 2 })
  expect(await stopped).toBe(0)
  expect(guard.complaint()).toBe("")
})

it("a guard answers nothing once its first process is killed", async () => {
  await using guard = await startWorkersGuard([await picture(1)])
  guard.upstream.answer = () => {}
  const pids = guard.workerPids()
  const calls = times(2, () =>
    chat(guard.url, "hello")
      .then(({ status }) => status)
      .catch(() => "lost"),
  )
  await expect.poll(() => guard.upstream.seen.length).toBe(2)
  process.kill(guard.firstPid, "SIGKILL")
  expect(await Promise.all(calls)).toEqual(["lost", "lost"])
  await expect.poll(() => pids.filter((pid) => isWorker(pid))).toEqual([])
  await expect(chat(guard.url, "hello")).rejects.toMatchObject({ code: "ECONNREFUSED" })
})

it("a guard keeps the previous configuration in every worker when one does not load the changed one in time", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  await using guard = await startWorkersGuard([await picture(1)])
  const [stuck = 0] = guard.workerPids()
  process.kill(stuck, "SIGSTOP")
  guard.write("patterns.yaml", PATTERNS.replace("forbidden words", "new-phrase"))
  await expect.poll(() => guard.ready()).toMatchObject({ status: 503, faults: ["worker_silent"] })
  await expect
    .poll(() => guard.told, { timeout: 60_000 })
    .toContainEqual(expect.objectContaining({ event: "reload_refused", code: "timed_out" }))
  process.kill(stuck, "SIGCONT")
  await expect.poll(() => guard.ready()).toMatchObject({ status: 200, faults: ["timed_out"] })
  expect(await statuses(times(6, () => chat(guard.url, "a new-phrase")))).toEqual({ 200: 6 })
})

it("a guard puts a changed configuration in force in every worker or in none, including one that starts later", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  await using guard = await startWorkersGuard([await picture(1)])
  const ask = () => statuses(times(6, () => chat(guard.url, "a new-phrase")))
  expect(await ask()).toEqual({ 200: 6 })
  guard.write("patterns.yaml", PATTERNS.replace("forbidden words", "new-phrase"))
  await expect.poll(() => guard.told.some(({ event }) => event === "reloaded")).toBe(true)
  expect(await ask()).toEqual({ 400: 6 })

  guard.write("patterns.yaml", "version: 1\nrules: [")
  await expect.poll(() => guard.told.some(({ event }) => event === "reload_refused")).toBe(true)
  expect(await guard.ready()).toMatchObject({ status: 200, faults: ["config_invalid"] })
  expect(await ask()).toEqual({ 400: 6 })
  for (const pid of guard.workerPids()) process.kill(pid, "SIGKILL")
  await expect.poll(() => guard.ready()).toMatchObject({ status: 503 })
  await expect.poll(() => guard.ready(), START).toMatchObject({ faults: ["config_invalid"], status: 200 })
  expect(await ask()).toEqual({ 400: 6 })
})
