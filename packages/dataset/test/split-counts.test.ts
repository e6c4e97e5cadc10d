import { describe, expect, it } from "vitest"
import { type CopiedRows, updateSplitCounts } from "../src/containers/tables/split-counts.ts"

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

describe("the counts in a README", () => {
  it("are changed for the splits that lost rows, and nothing else is", () => {
    expect(updateSplitCounts(README, FILES)).toBe(
      README.replace("    num_bytes: 1234.5\n    num_examples: 15\n", "    num_examples: 14\n")
        .replace("download_size: 1800", "download_size: 1700")
        .replace("  dataset_size: 1289.5\n", ""),
    )
  })

  it("stay where no row was lost", () => {
    const whole = new Map(
      [...FILES].map(([path, file]) => [path, { ...file!, rowsWritten: file!.rowsRead, bytes: file!.sourceBytes }]),
    )
    expect(updateSplitCounts(README, whole)).toBe(README)
    expect(updateSplitCounts("# No counts", FILES)).toBe("# No counts")
    expect(updateSplitCounts("---\nlicense: mit\n---\n", FILES)).toBe("---\nlicense: mit\n---\n")
  })

  it("cannot be told where they do not agree with the source, or a file was not copied", () => {
    expect(updateSplitCounts(README.replace("num_examples: 15", "num_examples: 16"), FILES)).toBeUndefined()
    expect(
      updateSplitCounts(README, new Map(FILES).set("data/train-00001-of-00002.parquet", undefined)),
    ).toBeUndefined()
    expect(
      updateSplitCounts(README, new Map([["other.parquet", FILES.get("data/train-00000-of-00002.parquet")]])),
    ).toBeUndefined()
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
  - name: train
    num_examples: 10
  dataset_size: 9
---
`
    const whole = { rowsRead: 10, rowsWritten: 10, sourceBytes: 1, bytes: 1 }
    const files = new Map([
      ["en/train-00000-of-00001.parquet", whole],
      ["fr/train-00000-of-00001.parquet", { ...whole, rowsWritten: 8 }],
    ])
    expect(updateSplitCounts(two, files)).toBe(
      two.replace("num_examples: 10\n  dataset_size: 9\n", "num_examples: 8\n"),
    )
  })
})
