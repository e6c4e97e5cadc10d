import { describe, expect, it } from "vitest"
import { updateReadmeCounts } from "../src/containers/tables/readme-counts.ts"
import type { CopiedDataset, CopiedRows } from "../src/containers/tables/split-counts.ts"

const FILES = new Map<string, CopiedRows | undefined>([
  ["data/train-00000-of-00002.parquet", { rowsRead: 10, rowsWritten: 9, sourceBytes: 1000, bytes: 900 }],
  ["data/train-00001-of-00002.parquet", { rowsRead: 5, rowsWritten: 5, sourceBytes: 500, bytes: 500 }],
  ["data/test-00000-of-00001.parquet", { rowsRead: 3, rowsWritten: 3, sourceBytes: 300, bytes: 300 }],
])

const README = `---
license: cc0-1.0
dataset_info:
  features:
  - name: image
    dtype: image
  splits:
  - name: train
    num_bytes: 1234.5
    num_examples: 15
  - name: test
    num_bytes: 55
    num_examples: 3
  download_size: 1800
  dataset_size: 1289.5
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train-*
---
# num_examples: 15
`

/** The same without what `datasets` can do without. */
const UNCOUNTED = README.replace(/ {2}splits:[\s\S]*dataset_size: \S+\n/, "")

const copied = (files: CopiedDataset["files"], hasOtherLosses = false): CopiedDataset => ({ files, hasOtherLosses })
const whole = new Map(
  [...FILES].map(([path, file]) => [path, { ...file!, rowsWritten: file!.rowsRead, bytes: file!.sourceBytes }]),
)

describe("the counts in a README", () => {
  it("are changed for the splits that lost rows, sizes in memory in proportion, and nothing else is", () => {
    expect(updateReadmeCounts(README, copied(FILES))).toBe(
      README.replace("    num_bytes: 1234.5\n    num_examples: 15\n", "    num_bytes: 1152\n    num_examples: 14\n")
        .replace("download_size: 1800", "download_size: 1700")
        .replace("dataset_size: 1289.5", "dataset_size: 1207"),
    )
  })

  it("keep a size that was never that of these files out of the copy", () => {
    const other = README.replace("download_size: 1800", "download_size: 7")
    const updated = updateReadmeCounts(other.replace("dataset_size: 1289.5", "dataset_size: 9"), copied(FILES))
    expect(updated).not.toMatch(/download_size|dataset_size/)
    expect(updated).toContain("num_examples: 14")
  })

  it("stay where no row was lost", () => {
    expect(updateReadmeCounts(README, copied(whole))).toBe(README)
    expect(updateReadmeCounts("# No counts", copied(FILES))).toBe("# No counts")
    expect(updateReadmeCounts("---\nlicense: mit\n---\n", copied(FILES))).toBe("---\nlicense: mit\n---\n")
  })

  it("are looked for in lines of any form", () => {
    const lines = `a:${" ".repeat(4_000)}\rx\n`.repeat(500)
    const readme = `---\n${lines}---\n`
    expect(updateReadmeCounts(readme, copied(whole))).toBe(readme)
  })

  it("stay where a repeated purge has written them already", () => {
    const once = updateReadmeCounts(README, copied(FILES))!
    expect(updateReadmeCounts(once, copied(FILES))).toBe(once)
  })

  it.each([
    ["they do not agree with the source", README.replace("num_examples: 15", "num_examples: 16"), copied(FILES)],
    ["a file was not copied", README, copied(new Map(FILES).set("data/train-00001-of-00002.parquet", undefined))],
    ["no file is called as a split", README, copied(new Map([["other.parquet", [...FILES.values()][0]]]))],
    ["rows were lost that nothing counts", README, copied(new Map(), true)],
    ["rows were lost in files of other names", README.replace("examples: 15", "examples: 20"), copied(whole, true)],
  ])("are left out where %s, and the rest of the README stays", (_, readme, dataset) => {
    expect(updateReadmeCounts(readme, dataset)).toBe(UNCOUNTED)
  })

  it("are found as Hugging Face finds them, among features of the same name", () => {
    const odd = `\r\n${README.replace("- name: image", "- name: num_examples").replaceAll("\n", "\r\n")}`
    const updated = updateReadmeCounts(odd.replace("\r\n---\r\n#", "\r\n---- \r\n---\r\n#"), copied(FILES))
    expect(updated).toContain("    num_examples: 14\r\n")
    expect(updated).toMatch(
      /^\r\n---\r\n[\s\S]*- name: num_examples\r\n[\s\S]*\r\n---- \r\n---\r\n# num_examples: 15\r\n$/,
    )
    const elsewhere = "---\nother:\n  num_examples: 15\n---\n"
    expect(updateReadmeCounts(elsewhere, copied(FILES))).toBe(elsewhere)
  })

  it("are not guessed in another form of YAML", () => {
    const flow = "---\ndataset_info: {splits: [{name: train, num_examples: 15}]}\n---\n"
    expect(updateReadmeCounts(flow, copied(FILES))).toBeUndefined()
    expect(updateReadmeCounts(flow, copied(whole))).toBe(flow)
    const dashed = "---\ndataset_info:\n- splits:\n  - name: train\n    num_examples: 1\n---\n"
    expect(updateReadmeCounts(dashed, copied(FILES))).toBeUndefined()
  })

  it("are changed in the configuration that lost rows alone", () => {
    const two = `---
dataset_info:
- config_name: en
  splits:
  - name: train
    num_examples: 10
- config_name: fr
  splits:
  - num_bytes: 9
    name: train
    num_examples: 10
  dataset_size: 9
---
`
    const all = { rowsRead: 10, rowsWritten: 10, sourceBytes: 1, bytes: 1 }
    const files = new Map([
      ["en/train-00000-of-00001.parquet", all],
      ["fr/train-00000-of-00001.parquet", { ...all, rowsWritten: 8 }],
    ])
    expect(updateReadmeCounts(two, copied(files))).toBe(
      two
        .replace("num_examples: 10\n  dataset_size: 9\n", "num_examples: 8\n  dataset_size: 7\n")
        .replace("num_bytes: 9", "num_bytes: 7"),
    )
  })
})
