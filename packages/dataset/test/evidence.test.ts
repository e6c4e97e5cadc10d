import { rmSync } from "node:fs"
import { join } from "node:path"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, noSignal } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { testCardPng } from "@nightlight/screening"
import { openEvidence } from "@nightlight/vault/open"
import { expect, it } from "vitest"
import { verifyEvidence } from "../src/evidence/check.ts"
import { findingsOf } from "./support/scans.ts"

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

it("what is sealed with a find has every listed digest that its sample states, not only its own", async () => {
  using test = await testWorkspace()
  const record = digestRecord(await jpeg(7), "md5")
  await importRecords(test.workspace, [record])
  const line = { md5: "0".repeat(32), images: [{ md5: record.hash, url: "https://clear.example/" }] }
  writeFiles(test.pathOf("data"), { "a.jsonl": Buffer.from(`${JSON.stringify(line)}\n{}\n`) })
  await scan(test.workspace, { inputs: [test.pathOf("data")] })
  const [finding] = findingsOf(test.workspace)
  const opened = await openEvidence(test.workspace.layout.evidence, finding?.evidence?.id ?? "", test.identities)
  expect(opened.header.provenance).toMatchObject({
    declared: { md5: "0".repeat(32) },
    otherUrls: [],
    otherDigests: [{ md5: record.hash }],
  })
})
