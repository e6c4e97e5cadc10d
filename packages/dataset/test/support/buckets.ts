/**
 * Datasets in a simulated object store, reached as AWS's clients are: by environment variables.
 */
import { sample } from "@nightlight/dev-env/dataset/datasets"
import { jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { plainTar } from "@nightlight/dev-env/dataset/shards"
import { importRecords, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { vi } from "vitest"
import type { SimulatedBucket } from "./object-store/bucket.ts"
import { type ObjectStore, startObjectStore } from "./object-store/server.ts"

/** A workspace with a store that its commands reach. */
export interface StoreTest extends AsyncDisposable {
  readonly store: ObjectStore
  readonly test: TestWorkspace
}

/** Starts a store, and makes a workspace that lists the picture of {@link LISTED_SEED}. */
export async function storeTest(): Promise<StoreTest> {
  const store = await startObjectStore()
  for (const [name, value] of Object.entries(store.env)) vi.stubEnv(name, value)
  const test = await testWorkspace()
  await importRecords(test.workspace, await listOf(LISTED_SEED))
  return {
    store,
    test,
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs()
      test[Symbol.dispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

/** Seed of the picture that is on the list. */
export const LISTED_SEED = 901

/** Three shards, the second with a listed picture; the bytes by name. */
export async function threeShards(): Promise<Readonly<Record<string, Buffer>>> {
  return {
    "000000.tar": plainTar({ ...sample("a", await jpeg(1)), ...sample("b", await jpeg(2)) }),
    "000001.tar": plainTar({ ...sample("c", await jpeg(3)), ...sample("d", await jpeg(LISTED_SEED)) }),
    "000002.tar": plainTar(sample("e", await jpeg(4))),
  }
}

/** Puts files below a prefix. */
export function putAll(bucket: SimulatedBucket, prefix: string, files: Readonly<Record<string, Uint8Array | string>>) {
  for (const [name, content] of Object.entries(files)) bucket.put(`${prefix}${name}`, content)
}

/** The bytes of a bucket's objects below a prefix, by the rest of their keys. */
export function objectsBelow(bucket: SimulatedBucket, prefix: string): Readonly<Record<string, Buffer>> {
  return Object.fromEntries(
    Object.entries(bucket.contents()).flatMap(([key, body]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), body] as const] : [],
    ),
  )
}
