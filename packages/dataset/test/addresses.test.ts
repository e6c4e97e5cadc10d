import { writeFileSync } from "node:fs"
import { sample, writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, plainTar } from "@nightlight/dev-env/dataset/shards"
import { importRecords, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { nightlight } from "./support/in-process.ts"
import { findingsOf } from "./support/scans.ts"

/** A dataset of three samples, each from another address, and a list of the second one's host. */
async function datasetWithAddresses() {
  const test = await testWorkspace({ custody: "seal" })
  const from = async (seed: number, url: string) => sample(`p${seed}`, await jpeg(seed), { url })
  writeFiles(test.pathOf("data"), {
    "0.tar": plainTar({
      ...(await from(1, "https://pictures.example/1.jpg")),
      ...(await from(2, "http://CDN.listed.example:80/a/2.jpg#x")),
      ...(await from(3, "https://unlisted.example/listed.example/3.jpg")),
    }),
  })
  writeFileSync(test.pathOf("hosts.txt"), "# hosts\nlisted.example\n")
  return test
}

function importHosts(test: TestWorkspace) {
  return nightlight(test.root, "lists", "import", test.pathOf("hosts.txt"), "--name", "hosts", "--trust", "trusted")
}

describe("a list of addresses", () => {
  it("withholds the sample whose metadata names a listed address, for a person's review", async () => {
    using test = await datasetWithAddresses()
    await importRecords(test.workspace, await listOf(99))
    expect((await importHosts(test)).out).toContain("1 url")
    const { exit, out } = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(exit).toBe(0)
    expect(out).toMatch(/1\s+hosts\s+trusted\s+url/)
    expect(findingsOf(test.workspace)).toMatchObject([
      { decision: "review", sample: 1, matches: [{ list: "hosts", hashType: "url", declared: true }] },
    ])
    const copy = String(filesBelow(test.pathOf("clean"))["0.tar"])
    expect(["p1.jpg", "p2.jpg", "p3.jpg"].map((name) => copy.includes(name))).toEqual([true, false, true])
  })

  it("screens no picture by itself: without hashes the result is unscreened", async () => {
    using test = await datasetWithAddresses()
    await importHosts(test)
    const { exit } = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(exit).toBe(3)
    expect((await nightlight(test.root, "scan", test.pathOf("data"), "--dry-run")).exit).toBe(3)
  })

  it("is not hunted for, and the hunt says so", async () => {
    using test = await datasetWithAddresses()
    await importRecords(test.workspace, await listOf(99))
    await nightlight(test.root, "scan", test.pathOf("data"))
    await importHosts(test)
    const { exit, out } = await nightlight(test.root, "hunt")
    expect(exit).toBe(0)
    expect(out).toContain("1 new address was not looked for: a hunt has only hashes. Scan the datasets again.")
  })
})
