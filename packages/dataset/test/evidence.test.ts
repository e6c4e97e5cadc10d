import { rmSync } from "node:fs"
import { join } from "node:path"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { filesBelow, noSignal } from "@nightlight/dev-env/dataset/shards"
import { scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { testCardPng } from "@nightlight/screening"
import { expect, it } from "vitest"
import { verifyEvidence } from "../src/evidence/check.ts"

it("the log reveals evidence that vanished together with its row", async () => {
  using test = await testWorkspace()
  writeFiles(test.pathOf("data"), { "one.png": testCardPng(0), "two.png": testCardPng(1) })
  await scan(test.workspace, { inputs: [test.pathOf("data")], demo: true })
  const verify = () => verifyEvidence(test.workspace, test.identities, { signal: noSignal })
  expect(await verify()).toEqual({ checked: 2, sound: 2, broken: [] })

  const folder = test.workspace.layout.evidence
  const names = Object.keys(filesBelow(folder))
  const [id = ""] = names.flatMap((name) => /([0-9a-f]{64})\.age$/.exec(name)?.[1] ?? [])
  for (const name of names) if (name.includes(id)) rmSync(join(folder, name))

  expect(await verify()).toEqual({ checked: 1, sound: 1, broken: [{ evidenceId: id, code: "evidence_missing" }] })
})
