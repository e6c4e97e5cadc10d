import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { filesBelow, plainTar } from "@nightlight/dev-env/dataset/shards"
import { copyWorkspace, scan } from "@nightlight/dev-env/dataset/workspaces"
import { KILLS_LIMIT_MS, spreadKills } from "@nightlight/dev-env/machine/kill-at-every-step"
import { describe, expect, it } from "vitest"
import { objectsBelow, putAll, storeTest, threeShards } from "./support/buckets.ts"

const COMMAND = fileURLToPath(new URL("support/command.ts", import.meta.url))

describe("a scan to a bucket that is killed", () => {
  it("at any write to the store, is completed by the same command, without anything left over", {
    timeout: KILLS_LIMIT_MS,
  }, async () => {
    await using made = await storeTest()
    const { test, store } = made
    const shards = {
      ...(await threeShards()),
      "large.tar": plainTar({ "words.txt": "some words\n".repeat(1_700_000) }),
    }
    putAll(store.addBucket("source"), "", shards)
    writeFiles(test.pathOf("data"), shards)
    await copyWorkspace(test, test.pathOf("fresh"))
    await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    const expected = filesBelow(test.pathOf("clean"))

    const isWrite = ({ method, bucket }: { readonly method: string; readonly bucket: string }) =>
      bucket === "out" && method !== "GET" && method !== "HEAD"
    const run = async (workspace: string, onStart: (child: ChildProcess) => void) => {
      const args = [
        "-C",
        "@nightlight/source",
        COMMAND,
        "--workspace",
        workspace,
        "scan",
        "s3://source",
        "--out",
        "s3://out/clean",
      ]
      const child = spawn(process.execPath, args, { stdio: "ignore", env: { ...process.env, ...store.env } })
      onStart(child)
      const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null]
      return { code, signal }
    }
    store.addBucket("out")
    await copyWorkspace({ ...test, root: test.pathOf("fresh") }, test.pathOf("counted"))
    const before = store.calls.length
    expect(await run(test.pathOf("counted"), () => {})).toEqual({ code: 0, signal: null })
    const steps = store.calls.slice(before).filter(isWrite).length
    expect(steps).toBeGreaterThan(8)

    for (const killAt of spreadKills(steps, 4)) {
      const out = store.addBucket("out")
      const workspace = test.pathOf(`killed-${killAt}`)
      await copyWorkspace({ ...test, root: test.pathOf("fresh") }, workspace)
      let writes = 0
      const killed = await run(workspace, (child) => {
        store.faults.onCall = (call) => {
          if (isWrite(call) && writes++ === killAt) child.kill("SIGKILL")
          return undefined
        }
      })
      expect(killed.signal).toBe("SIGKILL")
      store.faults.onCall = () => undefined
      expect(await run(workspace, () => {})).toEqual({ code: 0, signal: null })
      const copy = Object.entries(objectsBelow(out, "clean/")).filter(([key]) => !key.startsWith(".nightlight-probe-"))
      expect(Object.fromEntries(copy)).toEqual(expected)
      expect([...out.uploads.values()].map(({ key }) => key)).toEqual([])
    }
  })
})
