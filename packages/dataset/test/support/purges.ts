/**
 * A scanned dataset of every kind of shard, and what a purge leaves of it.
 */
import { cpSync, rmSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { LISTED, type Members, mixedDataset, without } from "@nightlight/dev-env/dataset/datasets"
import { listOf } from "@nightlight/dev-env/dataset/pictures"
import { bytesOf, filesBelow, membersOf, noSignal, readBytes } from "@nightlight/dev-env/dataset/shards"
import {
  copyWorkspace,
  importRecords,
  scan,
  type TestWorkspace,
  testWorkspace,
} from "@nightlight/dev-env/dataset/workspaces"
import { expect } from "vitest"
import { type PurgeRequest, type PurgeWatcher, runPurge } from "../../src/purge/run-purge.ts"

/** Basis for purging an unsealed item. */
export const BASIS = "report 1, a test, 2026-11-24"

/** Members of each kind of shard. */
export type Parts = Readonly<Record<keyof typeof LISTED, Members>>

/** A scanned dataset and what lies in it. */
export interface Scanned {
  readonly test: TestWorkspace
  readonly parts: Parts
}

const once = new Map<string, Promise<Scanned>>()
let copies = 0

/** A scanned dataset of every kind of shard, each with one known picture. Scanned once, then copied for each test. */
export async function scanned(custody: "locate" | "seal" = "locate"): Promise<Scanned> {
  const made = once.get(custody) ?? scanOnce(custody)
  once.set(custody, made)
  const { test, parts } = await made
  restoreData(test)
  const root = test.pathOf(`workspace-${copies++}`)
  const workspace = await copyWorkspace(test, root)
  return { test: { ...test, root, workspace, [Symbol.dispose]: () => rmSync(root, { recursive: true }) }, parts }
}

async function scanOnce(custody: "locate" | "seal"): Promise<Scanned> {
  const test = await testWorkspace({ custody })
  const parts = await mixedDataset(test.pathOf("data"))
  await importRecords(test.workspace, await listOf(...Object.values(LISTED)))
  await scan(test.workspace, { inputs: [test.pathOf("data")] })
  cpSync(test.pathOf("data"), test.pathOf("original"), { recursive: true })
  return { test, parts }
}

/** Puts back what a purge took. */
export function restoreData({ pathOf }: TestWorkspace): void {
  rmSync(pathOf("data"), { recursive: true, force: true })
  cpSync(pathOf("original"), pathOf("data"), { recursive: true })
}

/** Removes what {@link scanned} made once for all tests of a file. */
export async function removeScanned(): Promise<void> {
  for (const made of once.values()) (await made).test[Symbol.dispose]()
}

/** Purges what the first scan found. */
export const purge = (test: TestWorkspace, request: Partial<PurgeRequest> = {}, watcher: PurgeWatcher = {}) =>
  runPurge(test.workspace, { scan: "s-000001", ...request }, watcher, noSignal)

/** Members with their contents as bytes. */
export function asBytes(members: Members): Readonly<Record<string, Buffer>> {
  return Object.fromEntries(Object.entries(members).map(([name, content]) => [name, Buffer.from(content as string)]))
}

/** Expects a dataset to hold everything but the samples of known items, byte for byte. */
export async function expectPurged(folder: string, parts: Parts): Promise<void> {
  const now = filesBelow(folder)
  const bytes = (name: string) => now[name] ?? Buffer.alloc(0)
  expect(await membersOf(bytes("000000.tar"))).toEqual(Object.entries(asBytes(without(parts.tar, "tar-b"))))
  const gzip = gunzipSync(bytes("000001.tar.gz"))
  expect(await membersOf(gzip)).toEqual(Object.entries(asBytes(without(parts.gzip, "gzip-b"))))
  const zipped = (await readBytes("x.zip", bytes("more.zip"))).flatMap(({ items }) => items)
  expect(Object.fromEntries(zipped.map((item) => [item.place, bytesOf(item)]))).toEqual(
    asBytes(without(parts.zip, "zip-b")),
  )
  const loose = Object.entries(now).filter(([name]) => name.startsWith("loose/") && !name.endsWith(".csv"))
  expect(Object.fromEntries(loose)).toEqual(
    Object.fromEntries(
      Object.entries(asBytes(without(parts.folder, "folder-b"))).map(([name, at]) => [`loose/${name}`, at]),
    ),
  )
  expect(Object.keys(now)).toHaveLength(3 + loose.length + 1)
}
