import { describe, expect, it } from "vitest"
import { Semaphore } from "../src/scan/semaphore.ts"

/** Asks for permits under a name, and notes the name when they come. */
function asker(semaphore: Semaphore) {
  const served: string[] = []
  const ask = (name: string, permits: number, rank?: number) =>
    void semaphore.acquire(permits, rank).then(() => served.push(name))
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
    return served
  }
  return { ask, settle }
}

describe("the semaphore", () => {
  it("serves the lowest rank first, and one rank in order of arrival", async () => {
    const semaphore = new Semaphore(1)
    await semaphore.acquire()
    const { ask, settle } = asker(semaphore)
    ask("late", 1, 7)
    ask("early", 1, 2)
    ask("early again", 1, 2)
    ask("between", 1, 5)
    for (let i = 0; i < 4; i++) semaphore.release()
    expect(await settle()).toEqual(["early", "early again", "between", "late"])
  })

  it("lets no small request overtake a large one of its rank", async () => {
    const semaphore = new Semaphore(3)
    await semaphore.acquire(2)
    const { ask, settle } = asker(semaphore)
    ask("large", 3)
    ask("small", 1)
    expect(await settle()).toEqual([])
    semaphore.release(2)
    expect(await settle()).toEqual(["large"])
    semaphore.release(3)
    expect(await settle()).toEqual(["large", "small"])
  })

  it("gives fewer permits once it shrank, even while they were in use", async () => {
    const semaphore = new Semaphore(3)
    await semaphore.acquire(3)
    semaphore.shrink(2)
    const { ask, settle } = asker(semaphore)
    ask("next", 1)
    semaphore.release(2)
    expect(await settle()).toEqual([])
    semaphore.release()
    expect(await settle()).toEqual(["next"])
    expect(await semaphore.acquire(0)).toBe(0)
  })
})
