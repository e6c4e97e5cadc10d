import { describe, expect, it } from "vitest"
import { updateDatasetInfo, updateDatasetState } from "../src/containers/tables/dataset-info.ts"

const WHOLE = { rowsRead: 5, rowsWritten: 5, sourceBytes: 10, bytes: 10 }
const LESS = { ...WHOLE, rowsWritten: 3, bytes: 8 }

const INFO = {
  description: "Formes é 中",
  dataset_size: 7,
  splits: {
    train: { name: "train", num_bytes: 7, num_examples: 10, shard_lengths: [5, 5] },
    test: { name: "test", num_bytes: 7, num_examples: 5 },
  },
}

describe("the counts in dataset_info.json", () => {
  const files = new Map([
    ["set-train-00000-of-00002.arrow", WHOLE],
    ["set-train-00001-of-00002.arrow", LESS],
    ["set-test.arrow", WHOLE],
  ])

  it("are changed for the splits that lost rows, and sizes are left out", () => {
    const { dataset_size: _, ...rest } = INFO
    const train = { name: "train", num_examples: 8, shard_lengths: [5, 3] }
    expect(JSON.parse(updateDatasetInfo(JSON.stringify(INFO), files)!)).toEqual({
      ...rest,
      splits: { ...INFO.splits, train },
    })
  })

  it("stay byte for byte where no row was lost", () => {
    const text = `${JSON.stringify(INFO, null, 4)}\n`
    expect(updateDatasetInfo(text, new Map([["set-train.arrow", WHOLE]]))).toBe(text)
  })

  it("cannot be told where a file was not copied, or they do not agree with the source", () => {
    const text = JSON.stringify(INFO)
    expect(updateDatasetInfo(text, new Map([...files, ["set-test.arrow", undefined]]))).toBeUndefined()
    expect(updateDatasetInfo(text, new Map([["set-train.arrow", LESS]]))).toBeUndefined()
    expect(updateDatasetInfo("[]", files)).toBeUndefined()
    expect(updateDatasetInfo("{", files)).toBeUndefined()
  })
})

describe("the state of save_to_disk", () => {
  const listed = [{ filename: "data-00000-of-00002.arrow" }, { filename: "data-00001-of-00002.arrow" }]
  const text = JSON.stringify({ _data_files: listed, _fingerprint: "f", _split: null }, null, 2)

  it("loses files that are not in the copy, and has another fingerprint each time the copy differs", () => {
    const states = [LESS, { ...LESS, rowsWritten: 2 }].map((second) => {
      const files = new Map([
        ["data-00000-of-00002.arrow", undefined],
        ["data-00001-of-00002.arrow", second],
      ])
      return JSON.parse(updateDatasetState(text, files))
    })
    expect(states[0]).toMatchObject({ _data_files: [listed[1]], _split: null })
    expect(new Set(["f", ...states.map((state) => state._fingerprint)]).size).toBe(3)
  })

  it("is left alone in other files of that name", () => {
    const files = new Map([["data-00000-of-00001.arrow", LESS]])
    for (const other of ['{"step": 1}', "[]", "no JSON"]) expect(updateDatasetState(other, files)).toBe(other)
  })
})
