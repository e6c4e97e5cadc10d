import { Buffer } from "node:buffer"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { changedJpeg, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { plainTar, zip } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"

describe("a scan", () => {
  it("withholds texts, notebooks and archives that contain a listed picture, and keeps those with another", async () => {
    using test = await testWorkspace()
    await importRecords(test.workspace, await listOf(1))
    const page = async (bytes: Promise<Uint8Array>) =>
      `<!doctype html><img src="data:image/jpeg;base64,${Buffer.from(await bytes).toString("base64")}">`
    const listed = await page(changedJpeg(1, "re-encoded"))
    const other = await page(jpeg(2))
    writeFiles(test.pathOf("data"), {
      "a/listed.html": listed,
      "b/other.html": other,
      "c/in.zip": await zip([{ name: "mail.eml", content: listed }]),
      "d.tar": plainTar({ "1.jsonl": JSON.stringify({ text: listed }), "2.jsonl": JSON.stringify({ text: other }) }),
    })
    const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")], keepOrientations: true })
    expect(report.decisions).toMatchObject({ review: 3, inconclusive: 0 })
    expect(report.decisions.clear).toBeGreaterThanOrEqual(2)
  })

  it("does not clear a file that begins as an archive it cannot open", async () => {
    using test = await testWorkspace()
    await importRecords(test.workspace, await listOf(1))
    const spanned = Buffer.concat([Buffer.from("PK\x07\x08"), await jpeg(1)])
    writeFiles(test.pathOf("data"), { "a.bin": spanned })
    const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")] })
    expect(report.decisions).toMatchObject({ clear: 0, inconclusive: 1 })
  })
})
