import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, plainTar } from "@nightlight/dev-env/dataset/shards"
import {
  copyTestWorkspace,
  importRecords,
  type TestWorkspace,
  testWorkspace,
} from "@nightlight/dev-env/dataset/workspaces"
import { afterAll } from "vitest"

/** The text that the list of {@link textDataset} knows. */
export const KNOWN = "words that a list knows"

/** A dataset of `shards` small tars, in each of which one text is known, and a workspace whose list knows it. */
export async function textDataset(shards = 3): Promise<TestWorkspace> {
  const making = templates.get(shards) ?? makeTextDataset(shards)
  templates.set(shards, making)
  return await copyTestWorkspace(await making)
}

/** By their number of shards: made once for a test file. */
const templates = new Map<number, Promise<TestWorkspace>>()

afterAll(async () => {
  for (const template of templates.values()) (await template)[Symbol.dispose]()
})

async function makeTextDataset(shards: number): Promise<TestWorkspace> {
  const test = await testWorkspace()
  for (let shard = 0; shard < shards; shard++) {
    writeFiles(test.pathOf("data"), {
      [`00000${shard}.tar`]: plainTar({ "a.txt": `words ${shard}`, "b.txt": KNOWN, "c.txt": `more words ${shard}` }),
    })
  }
  await importRecords(test.workspace, [digestRecord(Buffer.from(KNOWN), "sha256")])
  return test
}

/** Contents of a workspace, apart from locks, which count up whenever they are held. */
export function contentOf(root: string) {
  return Object.fromEntries(Object.entries(filesBelow(root)).filter(([path]) => !path.endsWith(".lock")))
}

/** A scan of it with a clean copy. */
export const requestOf = ({ pathOf }: TestWorkspace) => ({ inputs: [pathOf("data")], out: pathOf("clean") })
