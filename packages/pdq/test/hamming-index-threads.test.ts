import { once } from "node:events"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Worker } from "node:worker_threads"
import { afterEach, describe, expect, it } from "vitest"
import { AT_COUNTS, parseHeader } from "../src/hamming-index/header.ts"
import { type BatchMatches, HammingIndex, type IndexHandle } from "../src/index.ts"
import { bruteForce, clusteredHashes, hashOf, queriesFor, randomHashes, rowsOfBatch } from "./support/hash-lists.ts"
import type { IndexTask } from "./support/index-worker.ts"

const workers: Worker[] = []
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()))
})

function startWorker(handle: IndexHandle): Worker {
  const worker = new Worker(new URL("./support/index-worker.ts", import.meta.url), {
    workerData: handle,
    execArgv: ["-C", "@nightlight/source"],
  })
  workers.push(worker)
  return worker
}

async function ask<Answer>(worker: Worker, task: IndexTask): Promise<Answer> {
  worker.postMessage(task)
  const [answer] = (await once(worker, "message")) as [Answer]
  return answer
}

describe("threads attached to one index", () => {
  it("answer concurrently, each like brute force", async () => {
    const hashes = clusteredHashes(500, 50, 40)
    const index = HammingIndex.build(hashes, { minTableRows: 0 })
    const handle = index.share()
    const answers = await Promise.all(
      [11, 12].map(async (seed) => {
        const query = queriesFor(hashes, 40, seed)
        const answer = await ask<BatchMatches>(startWorker(handle), { query, radiusBits: 31, times: 300 })
        return { query, answer }
      }),
    )
    for (const { query, answer } of answers) expect(rowsOfBatch(answer)).toEqual(bruteForce(hashes, query, 31))
  })

  it("see each other's additions and withdrawals at once", async () => {
    const index = HammingIndex.build(randomHashes(100), { minTableRows: 0 })
    const worker = startWorker(index.share())
    const query = randomHashes(1, 55)
    const id = index.add(query)
    expect((await ask<BatchMatches>(worker, { query, radiusBits: 0, times: 1 })).ids).toEqual(Uint32Array.of(id))
    expect(await ask(worker, { withdraw: id })).toBe(true)
    expect(index.query(query, 31)).toEqual([])
    const [added] = await ask<number[]>(worker, { add: [query] })
    expect(index.query(query, 31)).toEqual([{ id: added, distanceBits: 0 }])
  })

  it("never assign an id twice", async () => {
    const index = HammingIndex.build(randomHashes(10), { deltaCapacity: 4000 })
    const handle = index.share()
    const lists = [21, 22].map((seed) => {
      const hashes = randomHashes(2000, seed)
      return Array.from({ length: 2000 }, (_, i) => hashOf(hashes, i))
    })
    const ids = (await Promise.all(lists.map((add) => ask<number[]>(startWorker(handle), { add })))).flat()
    expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 4000 }, (_, i) => 10 + i))
    for (const [i, hash] of lists.flat().entries()) expect(index.hashAt(ids[i]!)).toEqual(hash)
    expect(index.size).toBe(4010)
  })

  it("can attach while another adds and withdraws, because growing counts never contradict each other", () => {
    const index = HammingIndex.build(randomHashes(1), { deltaCapacity: 100 })
    const added = randomHashes(10, 41)
    for (let row = 0; row < 10; row++) index.withdraw(index.add(hashOf(added, row)))
    const memory = Uint8Array.from(new Uint8Array(index.share().memory.buffer))
    /** As if other threads added and withdrew one more after every read of a count. */
    class Busy extends DataView<ArrayBuffer> {
      override getUint32(offset: number, littleEndian?: boolean): number {
        const seen = super.getUint32(offset, littleEndian)
        const counts = Object.values(AT_COUNTS)
        if (counts.some((count) => count === offset)) {
          for (const count of counts) this.setUint32(count, super.getUint32(count, true) + 1, true)
        }
        return seen
      }
    }
    const { deltaReserved, deltaReady, withdrawn } = parseHeader(new Busy(memory.buffer))
    expect(deltaReserved).toBeGreaterThan(10)
    expect(deltaReady).toBeLessThanOrEqual(deltaReserved)
    expect(withdrawn).toBeLessThanOrEqual(1 + deltaReserved)
  })

  it("can add and withdraw while another writes images and compacts, and every result is whole", async () => {
    const added = 300_000
    const index = HammingIndex.build(randomHashes(64), { deltaCapacity: added })
    // In memory where possible, because syncing a disk would leave time for at most two images.
    const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "pdq-churn-"))
    try {
      let churning = true
      const kept = ask<number>(startWorker(index.share()), { churn: randomHashes(added, 31) }).finally(() => {
        churning = false
      })
      const images: { readonly path: string; readonly digest: string }[] = []
      const compacted: HammingIndex[] = []
      for (let i = 0; churning || i < 2; i++) {
        const path = join(folder, `${i}.index`)
        images.push({ path, ...(await index.writeImage(path)) })
        if (i % 4 === 0) compacted.push(index.compact({ minTableRows: 0, deltaCapacity: 0 }))
      }
      expect(index.size).toBe(64 + (await kept))
      const opened = await Promise.all(images.map(({ path, digest }) => HammingIndex.openImage(path, { digest })))
      for (const each of [...opened, ...compacted]) {
        expect(each.queryBatch(randomHashes(64), 0).length).toBe(64)
        expect(each.queryBatch(new Uint8Array(32), 256).length).toBe(each.size)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it.each([undefined, null, {}, { memory: {} }, { memory: { buffer: new ArrayBuffer(8) } }])(
    "refuse the handle %j",
    (handle) => {
      expect(() => HammingIndex.attach(handle as unknown as IndexHandle)).toThrow(
        expect.objectContaining({ code: "image_malformed" }),
      )
    },
  )

  it("refuse a memory without an index", () => {
    const handle = HammingIndex.build(randomHashes(1)).share()
    const { memory } = HammingIndex.build(randomHashes(1)).share()
    new Uint8Array(memory.buffer).fill(0, 0, 4096)
    expect(() => HammingIndex.attach({ ...handle, memory })).toThrow(
      expect.objectContaining({ code: "image_malformed" }),
    )
  })
})
