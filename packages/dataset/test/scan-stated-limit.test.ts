import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg } from "@nightlight/dev-env/dataset/pictures"
import { plainTar } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { expect, it } from "vitest"
import { MAX_STATED } from "../src/readers/stated-origin.ts"
import { findingsOf } from "./support/scans.ts"

it("a picture whose metadata states more addresses than can be matched is matched by its bytes, and never cleared", async () => {
  using test = await testWorkspace()
  const known = await jpeg(1)
  await importRecords(test.workspace, [digestRecord(known, "sha256")])
  const url = Array.from({ length: MAX_STATED + 1 }, (_, n) => `https://e.example/${n}`)
  const metadata = JSON.stringify({ url })
  const members = {
    "a.jpg": known,
    "a.json": metadata,
    "b.jpg": await jpeg(2),
    "b.json": metadata,
    "c.jpg": await jpeg(3),
  }
  writeFiles(test.pathOf("data"), { "0.tar": plainTar(members) })
  const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
  expect(report.decisions).toMatchObject({ quarantine: 1, inconclusive: 1, clear: 3 })
  const [first, second] = findingsOf(test.workspace).toSorted((one, other) => one.ordinal - other.ordinal)
  expect(first).toMatchObject({ decision: "quarantine", cause: "archive_limit" })
  expect(second).toMatchObject({ decision: "inconclusive", cause: "archive_limit" })
})
