import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { updateDatasetInfo, updateDatasetInfos, updateDatasetState } from "../src/containers/tables/dataset-info.ts"
import { editJson } from "../src/containers/tables/edit-json.ts"
import type { CopiedDataset } from "../src/containers/tables/split-counts.ts"

const WHOLE = { rowsRead: 5, rowsWritten: 5, sourceBytes: 10, bytes: 10 }
const LESS = { ...WHOLE, rowsWritten: 3, bytes: 8 }

/** As Python writes it: with spaces, and numbers that JavaScript would write otherwise. */
const INFO = `{"description": "Formes \\u00e9 \u4e2d", "download_size": 30, "download_checksums": {"a": {"checksum": "c"}}, \
"features": {"id": 12345678901234567890, "score": 1.0}, "dataset_size": 21.5, "size_in_bytes": 51.5, \
"splits": {"train": {"name": "train", "num_bytes": 14.5, "num_examples": 10, "shard_lengths": [5, 5]}, \
"test": {"name": "test", "num_bytes": 7, "num_examples": 5}}}
`

const copied = (files: CopiedDataset["files"]): CopiedDataset => ({ files, hasOtherLosses: false })

describe("the counts in dataset_info.json", () => {
  const files = new Map([
    ["set-train-00000-of-00002.arrow", WHOLE],
    ["set-train-00001-of-00002.arrow", LESS],
    ["set-test.arrow", WHOLE],
  ])

  it("are changed for the splits that lost rows, and all other bytes stay", () => {
    expect(updateDatasetInfo(INFO, copied(files))).toBe(
      INFO.replace('"download_size": 30, "download_checksums": {"a": {"checksum": "c"}}', '"download_size": 28')
        .replace(
          '"num_bytes": 14.5, "num_examples": 10, "shard_lengths": [5, 5]',
          '"num_bytes": 11, "num_examples": 8, "shard_lengths": [5,3]',
        )
        .replace('"dataset_size": 21.5, "size_in_bytes": 51.5', '"dataset_size": 18, "size_in_bytes": 46'),
    )
  })

  it("stay byte for byte where no row was lost", () => {
    expect(
      updateDatasetInfo(
        INFO,
        copied(
          new Map([
            ["set-train.arrow", WHOLE],
            ["set-test.arrow", WHOLE],
          ]),
        ),
      ),
    ).toBe(INFO)
  })

  it("are left out where a file was not copied, or they do not agree with the source", () => {
    const uncounted =
      '{"description": "Formes \\u00e9 \u4e2d", "features": {"id": 12345678901234567890, "score": 1.0}}\n'
    expect(updateDatasetInfo(INFO, copied(new Map([...files, ["set-test.arrow", undefined]])))).toBe(uncounted)
    expect(updateDatasetInfo(INFO, copied(new Map([["set-train.arrow", LESS]])))).toBe(uncounted)
    expect(updateDatasetInfo(INFO, copied(new Map([["data-00000-of-00001.arrow", LESS]])))).toBe(uncounted)
  })

  it("are not looked for in what is no such file", () => {
    for (const text of ["[]", "{", "null", "1"]) expect(updateDatasetInfo(text, copied(files))).toBeUndefined()
  })
})

describe("the counts in dataset_infos.json", () => {
  const entry = (examples: number, bytes: number) =>
    `{"splits": {"train": {"name": "train", "num_bytes": ${bytes}, "num_examples": ${examples}}}, "dataset_size": ${bytes}}`
  const files = new Map([
    ["en/train-00000-of-00001.parquet", WHOLE],
    ["fr/train-00000-of-00001.parquet", LESS],
  ])

  it("are changed in the configuration that lost rows alone", () => {
    const text = (fr: string) => `{"en": ${entry(5, 100)}, "fr": ${fr}}`
    expect(updateDatasetInfos(text(entry(5, 100)), copied(files))).toBe(text(entry(3, 60)))
  })

  it("need no folder for a single configuration", () => {
    const text = (own: string) => `{"default": ${own}}`
    const single = copied(new Map([["data/train-00000-of-00001.parquet", LESS]]))
    expect(updateDatasetInfos(text(entry(5, 100)), single)).toBe(text(entry(3, 60)))
  })

  it("are not looked for in what is no such file", () => {
    for (const text of ["[]", "{", '{"a": 1}']) expect(updateDatasetInfos(text, copied(files))).toBeUndefined()
  })
})

describe("an edit of JSON", () => {
  const members = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5, noNullPrototype: true })

  it("drops and sets the members that it names, and keeps every other as it was written", () => {
    fc.assert(
      fc.property(members, fc.constantFrom(undefined, 1, "\t"), (object, indent) => {
        const keys = Object.keys(object)
        const [dropped, set] = keys
        const edits = new Map([
          ...(dropped === undefined ? [] : [[dropped, { kind: "drop" }] as const]),
          ...(set === undefined ? [] : [[set, { kind: "set", value: 7 }] as const]),
        ])
        const edited = editJson(JSON.stringify(object, null, indent), edits)
        const expected = Object.entries(object)
          .filter(([key]) => key !== dropped)
          .map(([key, value]) => [key, key === set ? 7 : value])
        expect(JSON.parse(edited)).toEqual(JSON.parse(JSON.stringify(Object.fromEntries(expected))))
        expect(editJson(edited, new Map())).toBe(edited)
      }),
    )
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
      return JSON.parse(updateDatasetState(text, copied(files)))
    })
    expect(states[0]).toMatchObject({ _data_files: [listed[1]], _split: null })
    expect(new Set(["f", ...states.map((state) => state._fingerprint)]).size).toBe(3)
  })

  it("is left alone in other files of that name", () => {
    const files = new Map([["data-00000-of-00001.arrow", LESS]])
    for (const other of ['{"step": 1}', "[]", "no JSON"]) expect(updateDatasetState(other, copied(files))).toBe(other)
  })
})
