import { digestRecord } from "@nightlight/dev-env/dataset/pictures"
import { membersOf, plainTar } from "@nightlight/dev-env/dataset/shards"
import { copyWorkspace, importRecords } from "@nightlight/dev-env/dataset/workspaces"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { objectsBelow, type StoreTest, storeTest } from "./support/buckets.ts"
import { nightlight } from "./support/in-process.ts"

let made: StoreTest
let roots: readonly [string, string]

beforeAll(async () => {
  made = await storeTest()
  const { test, store } = made
  await importRecords(test.workspace, [digestRecord(Buffer.from("words 1"), "sha256")])
  const source = store.addBucket("source")
  for (const shard of [0, 1]) {
    source.put(`00000${shard}.tar`, plainTar({ "a.txt": `words ${shard}`, "b.txt": "more" }))
  }
  roots = [test.root, test.pathOf("other")]
  await copyWorkspace(test, roots[1])
})
afterAll(() => made[Symbol.asyncDispose]())

/** The commands of a workspace that plans into a bucket. */
function planner(root: string, out: string) {
  const file = `${root}-${out}.json`
  return {
    plan: () => nightlight(root, "plan", "s3://source", "--world", "1", "--file", file, "--out", `s3://${out}/clean`),
    task: () => nightlight(root, "scan", "--plan", file, "--rank", "0"),
    merge: () => nightlight(root, "scan", "--merge", "--plan", file),
    scan: () => nightlight(root, "scan", "s3://source", "--out", `s3://${out}/clean`),
  }
}

describe.each([
  ["enforced", true],
  ["enforced", false],
  ["refused", false],
  ["ignored", true],
] as const)(
  "the plans of two workspaces for one prefix of a bucket (conditional writes %s)",
  (conditions, isVersioned) => {
    it("do not both hold: one is refused, or its tasks are before they write, and the copy is the other's", async () => {
      const out = `out-${conditions}-${isVersioned}`
      const bucket = made.store.addBucket(out, { isVersioned })
      made.store.faults.conditions = conditions
      const both = [planner(roots[0], out), planner(roots[1], out)] as const
      const planned = await Promise.all(both.map((each) => each.plan()))
      const refused = planned.filter(({ exit }) => exit !== 0)
      if (conditions === "enforced") expect(refused).toHaveLength(1)
      for (const { err } of refused) expect(err).toMatch(/reserved for the plan of another scan|not empty/)
      const owner = String(bucket.current("clean/.nightlight-plan")?.body)
      const done = []
      for (const [index, each] of both.entries()) {
        if (planned[index]?.exit !== 0) continue
        const { exit, err } = await each.task()
        if (exit === 0) done.push(each)
        else expect(err).toContain("the output is not reserved for this plan")
      }
      expect(done).toHaveLength(1)
      expect(String(bucket.current("clean/.nightlight-plan")?.body)).toBe(owner)
      const [winner] = done
      const loser = both.find((each) => each !== winner)
      expect((await loser?.plan())?.exit).not.toBe(0)
      expect((await loser?.scan())?.exit).not.toBe(0)
      expect(await winner?.plan()).toMatchObject({ exit: 0 })
      expect(await winner?.merge()).toMatchObject({ exit: 0 })
      expect(bucket.keys()).toEqual(["clean/000000.tar", "clean/000001.tar"])
      const left = await membersOf(objectsBelow(bucket, "clean/")["000001.tar"] ?? Buffer.alloc(0))
      expect(left).toEqual([["b.txt", Buffer.from("more")]])
      expect((await loser?.plan())?.err).toContain("not empty")
    })
  },
)
