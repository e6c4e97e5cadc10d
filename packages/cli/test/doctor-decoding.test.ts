import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { checkDecoding } from "../src/commands/doctor-decoding.ts"

const ACCEPT = "decoder: { withoutIsolation: accept }\n"
const PRODUCTION = "reports: { environment: production }\n"

async function makeFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "nightlight-doctor-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const part of ["server", "custodian"]) await mkdir(join(folder, part))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), `version: 1\n${text}`)
  return folder
}

const statesIn = async (folder: string, isolation: "none" | "bwrap") =>
  (await checkDecoding(folder, isolation)).map(({ name, state }) => [name, state])

it("doctor names each part that does not work without decoder isolation, with what to install and to set", async () => {
  const folder = await makeFolder({
    "guard.yaml": "",
    "server/server.yaml": PRODUCTION,
    "custodian/custodian.yaml": "",
  })
  expect(await statesIn(folder, "none")).toEqual([
    ["guard", "missing"],
    ["server", "missing"],
    ["custodian", "missing"],
  ])
  expect((await checkDecoding(folder, "none")).at(-1)?.hint).toMatch(
    /bubblewrap.*custodian\/custodian\.yaml: decoder: \{ withoutIsolation: accept \}/,
  )
  expect(await checkDecoding(folder, "bwrap")).toEqual([])
})

it("doctor reports in which configurations missing isolation is accepted, whether it matters now or not", async () => {
  const folder = await makeFolder({
    "guard.yaml": ACCEPT,
    "server/server.yaml": PRODUCTION + ACCEPT,
    "custodian/custodian.yaml": ACCEPT,
  })
  for (const isolation of ["none", "bwrap"] as const) {
    const checks = await checkDecoding(folder, isolation)
    expect(checks.map(({ state }) => state)).toEqual(["degraded", "degraded", "degraded"])
    for (const { words } of checks) {
      expect(words).toContain("accepted by name in ")
      expect(words.includes("nothing isolates them at present")).toBe(isolation === "none")
    }
  }
})

it("doctor does not complain about a server that reports to the test host, or about an unreadable file", async () => {
  const folder = await makeFolder({ "server/server.yaml": "", "guard.yaml": "\t:" })
  expect(await statesIn(folder, "none")).toEqual([["guard", "missing"]])
})
