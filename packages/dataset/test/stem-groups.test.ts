import { describe, expect, it } from "vitest"
import { groupByStem } from "../src/readers/stem-groups.ts"

const group = (...paths: readonly string[]) =>
  groupByStem(paths, (path) => path).map(({ key, files }) => [key, ...files])

describe("groupByStem", () => {
  it.each([
    [["a.jpg", "a.txt"], [["a", "a.jpg", "a.txt"]]],
    [["a.jpg", "a.json", "a.caption", "a.npy", "a.npz"], [["a", "a.jpg", "a.json", "a.caption", "a.npy", "a.npz"]]],
    [["a.jpg", "a.jpg.txt", "a.jpg.json"], [["a", "a.jpg", "a.jpg.txt", "a.jpg.json"]]],
    [["a.txt", "a.jpg"], [["a", "a.txt", "a.jpg"]]],
    [["a.JPG", "a.TXT"], [["a", "a.JPG", "a.TXT"]]],
    [["a.png", "a.jpg", "a.txt"], [["a", "a.png", "a.jpg", "a.txt"]]],
    [
      ["a.b.jpg", "a.b.txt", "a.txt"],
      [
        ["a.b", "a.b.jpg", "a.b.txt"],
        ["a.txt", "a.txt"],
      ],
    ],
    [["a.jpg", "a.caption.txt"], [["a", "a.jpg", "a.caption.txt"]]],
    [
      ["x/a.jpg", "y/a.txt"],
      [
        ["x/a", "x/a.jpg"],
        ["y/a.txt", "y/a.txt"],
      ],
    ],
    [
      ["a.txt", "a.json"],
      [
        ["a.txt", "a.txt"],
        ["a.json", "a.json"],
      ],
    ],
    [["a.mp4", "a.txt"], [["a", "a.mp4", "a.txt"]]],
    [
      ["a.jpg", "a.exe"],
      [
        ["a", "a.jpg"],
        ["a.exe", "a.exe"],
      ],
    ],
    [
      ["a.jpg", "a"],
      [
        ["a", "a.jpg"],
        ["a", "a"],
      ],
    ],
    [
      ["x.y/a", "x.jpg"],
      [
        ["x.y/a", "x.y/a"],
        ["x", "x.jpg"],
      ],
    ],
    [
      [".jpg", ".txt"],
      [
        [".jpg", ".jpg"],
        [".txt", ".txt"],
      ],
    ],
    [
      ["metadata.jpg", "metadata.csv"],
      [
        ["metadata", "metadata.jpg"],
        ["metadata.csv", "metadata.csv"],
      ],
    ],
  ])("groups %j", (paths, expected) => {
    expect(group(...paths)).toEqual(expected)
  })

  it("marks tables over a folder's pictures as metadata", () => {
    const groups = groupByStem(
      ["d/metadata.csv", "metadata.jsonl", "metadata.parquet", "metadata.json"],
      (path) => path,
    )
    expect(groups.map(({ role }) => role)).toEqual(["metadata", "metadata", "metadata", "member"])
  })
})
