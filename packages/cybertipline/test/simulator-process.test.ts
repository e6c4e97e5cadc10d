import { execFile } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { createClient } from "../src/index.ts"
import { connectAdmin, startSimulator, startSimulatorProcess } from "../src/simulator/index.ts"
import { smallReport } from "./support/documents.ts"

const credentials = { username: "provider", password: "password" }
const adminToken = "token-for-tests"
const cwd = fileURLToPath(new URL("../../..", import.meta.url))

it("a simulator of its own process is seen and steered by its admin path", async () => {
  await using simulator = await startSimulatorProcess({ credentials, adminToken, environment: "production" })
  await using client = createClient({ credentials, environment: "production", baseUrl: simulator.baseUrl })
  await simulator.admin.addFault({ on: "/finish", kind: "drop-after-commit" })
  const opened = await client.submit(smallReport)
  if (opened.kind !== "accepted") throw new Error(opened.kind)
  expect(await client.finish(opened.reportId)).toMatchObject({ kind: "unanswered", reason: "connection_lost" })
  const state = await simulator.admin.state()
  expect(state).toMatchObject({
    environment: "production",
    reports: [{ reportId: opened.reportId, state: "finished" }],
  })
  expect(state.calls.map(({ path, fault }) => [path, fault])).toEqual([
    ["/submit", undefined],
    ["/finish", "drop-after-commit"],
  ])

  const again = await client.submit(smallReport)
  await simulator.admin.addFault({ on: "/retract", kind: "timeout-before" })
  await simulator.admin.clearFaults()
  await simulator.admin.advanceClock(25 * 3_600_000)
  if (again.kind !== "accepted") throw new Error(again.kind)
  expect(await client.retract(again.reportId)).toMatchObject({ kind: "rejected", responseCode: 5001 })
})

it("it outlives the process that started it", async () => {
  const starter = `
    import { startSimulatorProcess } from "@nightlight/cybertipline/simulator"
    const { adminUrl, baseUrl, pid } = await startSimulatorProcess(${JSON.stringify({ credentials, adminToken })})
    process.stdout.write(JSON.stringify({ adminUrl, baseUrl, pid }))
    setInterval(() => {}, 1000)`
  const child = execFile(process.execPath, ["-C", "@nightlight/source", "--input-type=module", "-e", starter], { cwd })
  const [line] = (await once(child.stdout!, "data")) as [string]
  const { adminUrl, baseUrl, pid } = JSON.parse(line) as { adminUrl: string; baseUrl: string; pid: number }
  try {
    child.kill("SIGKILL")
    await once(child, "exit")
    await using client = createClient({ credentials, baseUrl })
    expect(await client.submit(smallReport)).toMatchObject({ kind: "accepted" })
    expect((await connectAdmin(adminUrl, adminToken).state()).reports).toHaveLength(1)
  } finally {
    process.kill(pid, "SIGTERM")
  }
})

it("its end is waited for by a program that does nothing else", async () => {
  const starter = `
    import { startSimulatorProcess } from "@nightlight/cybertipline/simulator"
    const simulator = await startSimulatorProcess(${JSON.stringify({ credentials, adminToken })})
    await simulator.stop()
    await simulator.stop()
    process.stdout.write(String(simulator.pid))`
  const child = execFile(process.execPath, ["-C", "@nightlight/source", "--input-type=module", "-e", starter], { cwd })
  let output = ""
  child.stdout?.on("data", (text: string) => {
    output += text
  })
  const [status] = (await once(child, "close")) as [number]
  expect(status).toBe(0)
  expect(() => process.kill(Number(output), 0)).toThrow("ESRCH")
})

it("it ends by itself when it is forgotten", async () => {
  const { pid } = await startSimulatorProcess({ credentials, adminToken, lifetimeMs: 1 })
  await expect.poll(() => isAlive(pid)).toBe(false)
})

/** Whether a process runs; one that ended and was not waited for counts as ended. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

it("no admin path answers without its token, or where there is none", async () => {
  await using open = await startSimulator({ credentials, adminToken })
  await using closed = await startSimulator({ credentials })
  const unavailable = { code: "simulator_unavailable" }
  await expect(connectAdmin(open.adminUrl, "other").state()).rejects.toMatchObject(unavailable)
  await expect(connectAdmin(closed.adminUrl, adminToken).state()).rejects.toMatchObject(unavailable)
  await expect(connectAdmin(open.adminUrl, adminToken).state()).resolves.toMatchObject({ reports: [] })
})

it("a port that is taken is told", async () => {
  await using first = await startSimulator({ credentials })
  await expect(startSimulator({ credentials, port: first.port })).rejects.toMatchObject({
    code: "simulator_unavailable",
  })
  await expect(startSimulatorProcess({ credentials, adminToken, port: first.port })).rejects.toMatchObject({
    code: "simulator_unavailable",
  })
})
