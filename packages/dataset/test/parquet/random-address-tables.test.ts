import { createHash, hash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { addressHash, type HashRecord, urlLookupKeys } from "@nightlight/core"
import { jpeg } from "@nightlight/dev-env/dataset/pictures"
import { copyWorkspace, importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import fc from "fast-check"
import { expect, it } from "vitest"
import { address } from "../support/addresses.ts"
import { duckdb } from "../support/duckdb.ts"
import { comparable, findingsOf, receiptsOf } from "../support/scans.ts"

const ROWS = 6_000
const COLUMNS = "columns={url:'VARCHAR',text:'VARCHAR',sha256:'VARCHAR',md5:'VARCHAR'}"

const words = fc.constantFrom("a caption", " ", "of two cats, ", "\n", "é", "100 %", "猫", "<b>", "data", "\u00a0")
const caption = fc.oneof(
  fc.array(words, { maxLength: 30 }).map((parts) => parts.join("")),
  fc.string({ maxLength: 100 }),
)
const isStored = (text: string) => text.isWellFormed() && !text.includes("\0")
const digest = (algorithm: "md5" | "sha256", text: string) => createHash(algorithm).update(text).digest("hex")

/** Hash records of some of a table's rows: addresses under any of their keys, and digests. */
function recordsOf(rows: readonly { readonly url: string; readonly sha256: string }[]): readonly HashRecord[] {
  const records: HashRecord[] = []
  for (const [index, { url, sha256 }] of rows.entries()) {
    const keys = urlLookupKeys(url)
    const key = index % 211 === 0 ? keys[index % Math.max(1, keys.length)] : undefined
    if (key !== undefined)
      records.push({ hashType: "url", hash: addressHash(key, hash("sha256", key)), category: "A1" })
    if (index % 401 === 7) records.push({ hashType: "sha256", hash: sha256, category: "A1" })
  }
  return records
}

it.each([
  ["snappy", 1],
  ["zstd, PARQUET_VERSION v2", 2],
  ["gzip", 3],
])(
  "a random table of addresses, captions and digests gives the same by columns as row by row (%s)",
  {
    timeout: 120_000,
  },
  async (compression, seed) => {
    using test = await testWorkspace()
    mkdirSync(test.pathOf("data"))
    const urls = fc.sample(fc.oneof(address, fc.webUrl({ withQueryParameters: true })).filter(isStored), {
      numRuns: ROWS,
      seed,
    })
    const texts = fc.sample(caption.filter(isStored), { numRuns: ROWS, seed })
    const picture = Buffer.from(await jpeg(seed)).toString("base64")
    const rows = urls.map((url, index) => ({
      url,
      text: index % 997 === 50 ? `see ${picture} there` : texts[index],
      sha256: digest("sha256", `${seed} ${index}`),
      md5: index % 3 === 0 ? null : digest("md5", `${seed} ${index}`).toUpperCase(),
    }))
    writeFileSync(test.pathOf("rows.json"), JSON.stringify(rows))
    await duckdb(
      `COPY (SELECT *, sha256::BLOB AS sha256sum FROM read_json('${test.pathOf("rows.json")}', ${COLUMNS}, maximum_object_size=100000000))
     TO '${test.pathOf("data", "part.parquet")}' (FORMAT parquet, ROW_GROUP_SIZE 2048, COMPRESSION ${compression})`,
    )
    await importRecords(test.workspace, recordsOf(rows))
    const results = []
    for (const columnRows of [ROWS + 1, 1]) {
      const workspace = await copyWorkspace(test, test.pathOf(`workspace-${columnRows}`))
      await scan(workspace, { inputs: [test.pathOf("data")], out: test.pathOf(`clean-${columnRows}`), columnRows })
      const { samples, items, decisions, withheldSamples } = receiptsOf(workspace).get("part.parquet") ?? {}
      results.push({ findings: comparable(findingsOf(workspace)), samples, items, decisions, withheldSamples })
    }
    expect(results[1]).toEqual(results[0])
    expect(results[0]?.findings.length).toBeGreaterThan(20)
  },
)
