import { hash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { addressHash, type HashRecord, type HashType, urlLookupKeys } from "@nightlight/core"
import { jpeg } from "@nightlight/dev-env/dataset/pictures"
import { copyWorkspace, importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import fc from "fast-check"
import { expect, it } from "vitest"
import { duckdb } from "../support/duckdb.ts"
import { oddAddress, spelling } from "../support/odd-addresses.ts"
import { comparable, findingsOf, receiptsOf } from "../support/scans.ts"

const words = fc.constantFrom("a caption", " ", "of two cats, ", "\n", "é", "100 %", "猫", "<b>", "data", "\u00a0")
const caption = fc.oneof(
  fc.array(words, { maxLength: 30 }).map((parts) => parts.join("")),
  fc.string({ maxLength: 100 }),
)
const url = fc
  .oneof(oddAddress, oddAddress, fc.webUrl({ withQueryParameters: true }))
  .filter((text) => text.isWellFormed())

type DigestName = "md5" | "sha1" | "sha256"
const digest = (type: DigestName, index: number) => hash(type, `${type} ${index}`, "buffer")

/** Names of columns, and of what their digests are. */
const DIGESTS = { md5: "md5", raw_sha1: "sha1", sha256: "sha256", checksum: "sha256" } as const

/** Hash records of some of a table's rows: addresses under any of their keys, and digests. */
function recordsOf(urls: readonly string[]): readonly HashRecord[] {
  const records: HashRecord[] = []
  const add = (hashType: HashType, digits: string) => records.push({ hashType, hash: digits, category: "A1" })
  for (const [index, text] of urls.entries()) {
    const keys = urlLookupKeys(text)
    const key = index % 53 === 0 ? keys[index % Math.max(1, keys.length)] : undefined
    if (key !== undefined) add("url", addressHash(key, hash("sha256", key)))
    const type = (["md5", "sha1", "sha256"] as const)[index % 3]
    if (type !== undefined && index % 20 < 3) add(type, digest(type, index).toString("hex"))
  }
  return records
}

/** A table's rows, texts in base64 because they may have characters that JSON readers refuse. */
async function rowsOf(count: number, seed: number) {
  const sample = <T>(of: fc.Arbitrary<T>) => fc.sample(of, { numRuns: count, seed })
  const [urls, pages, texts, spellings] = [sample(url), sample(url).toReversed(), sample(caption), sample(spelling)]
  const picture = Buffer.from(await jpeg(seed)).toString("base64")
  const spelt = Object.entries(DIGESTS)
  const rows = urls.map((address, index) => {
    const values: Record<string, string | undefined> = {
      url: index % 31 === 30 ? undefined : address,
      // Few values, so that writers make a dictionary.
      page_url: pages[index % 40],
      text: index % 251 === 50 ? `see ${picture} there` : texts[index]?.toWellFormed(),
    }
    for (const [place, [name, type]] of spelt.entries()) {
      const isNull = (index + place) % 7 === 0
      values[name] = isNull ? undefined : spellings[(index + 17 * place) % count]?.(digest(type, index))
    }
    return {
      ...Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, value && Buffer.from(value).toString("base64")]),
      ),
      sha256sum: index % 5 === 0 ? null : digest("sha256", index + 1).toString("base64"),
      md5_bytes:
        index % 2 === 0
          ? digest("md5", index + 1).toString("base64")
          : Buffer.from(digest("md5", index).toString("hex")).toString("base64"),
      id: Buffer.from(digest("md5", index))
        .toString("hex")
        .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
    }
  })
  return { urls, rows }
}

const TEXTS = ["url", "page_url", "text", ...Object.keys(DIGESTS)]
const BYTES = ["sha256sum", "md5_bytes"]
const SELECTED = [
  ...TEXTS.map((name) => `decode(from_base64(${name})) AS ${name}`),
  ...BYTES.map((name) => `from_base64(${name}) AS ${name}`),
  "id::UUID AS id",
].join(", ")
const COLUMNS = `columns={${[...TEXTS, ...BYTES, "id"].map((name) => `${name}:'VARCHAR'`).join(",")}}`

const OPTIONS = [
  "COMPRESSION snappy",
  "COMPRESSION zstd, PARQUET_VERSION v2",
  "COMPRESSION gzip, DICTIONARY_SIZE_LIMIT 1",
  "COMPRESSION uncompressed, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1",
  "COMPRESSION snappy, DICTIONARY_SIZE_LIMIT 1000000",
]
const ROWS = 1_500

it.each(OPTIONS.map((options, seed) => [options, seed] as const))(
  "a random table of addresses, captions and digests gives the same by columns as row by row (%s, seed %i)",
  { timeout: 300_000 },
  async (options, seed) => {
    using test = await testWorkspace()
    mkdirSync(test.pathOf("data"))
    const { urls, rows } = await rowsOf(ROWS, seed)
    writeFileSync(test.pathOf("rows.json"), JSON.stringify(rows))
    await duckdb(
      `COPY (SELECT ${SELECTED} FROM read_json('${test.pathOf("rows.json")}', ${COLUMNS}, maximum_object_size=100000000))
     TO '${test.pathOf("data", "part.parquet")}' (FORMAT parquet, ROW_GROUP_SIZE 512, ${options})`,
    )
    await importRecords(test.workspace, recordsOf(urls))
    const results = []
    for (const columnRows of [ROWS + 1, 1]) {
      const workspace = await copyWorkspace(test, test.pathOf(`workspace-${columnRows}`))
      await scan(workspace, { inputs: [test.pathOf("data")], out: test.pathOf(`clean-${columnRows}`), columnRows })
      const { samples, items, decisions, withheldSamples, poison } = receiptsOf(workspace).get("part.parquet") ?? {}
      results.push({ findings: comparable(findingsOf(workspace)), samples, items, decisions, withheldSamples, poison })
    }
    expect(results[1]).toEqual(results[0])
    expect(results[0]?.findings.length).toBeGreaterThan(50)
  },
)
