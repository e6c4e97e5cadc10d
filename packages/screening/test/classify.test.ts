import type { Score } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { classify } from "../src/classify/classify.ts"
import { type Classifier, withDeadline } from "../src/index.ts"
import { aPicture } from "./support/builders.ts"

const SHORT_MS = 20
const fingerprint = aPicture("an item")
const bytes = new TextEncoder().encode("an item")
const request = { fingerprint, readBytes: async () => bytes }
const never = () => new Promise<never>(() => {})

const saying = (name: string, answer: unknown): Classifier => ({
  name,
  classify: async () => answer as readonly Score[],
})
const adult = saying("adult", [{ classifier: "adult", label: "nude", score: 0.25 }])

describe("classify", () => {
  it("gives every classifier the item's bytes and keeps the classifiers' order", async () => {
    const seen: Uint8Array[] = []
    const slow: Classifier = {
      name: "slow",
      async classify(given) {
        await Promise.resolve()
        seen.push(given)
        return [{ classifier: "slow", label: "x", score: 1 }]
      },
    }
    const { scores, inconclusive } = await classify(request, [slow, adult], 1000)
    expect(scores.map((score) => score.classifier)).toEqual(["slow", "adult"])
    expect(inconclusive).toBeUndefined()
    expect(seen).toEqual([bytes])
  })

  it("does not read the bytes when there is no classifier", async () => {
    const readBytes = () => Promise.reject(new Error("read"))
    expect(await classify({ fingerprint, readBytes }, [], 1000)).toEqual({ scores: [] })
  })

  it.each<[string, Classifier["classify"]]>([
    [
      "throws",
      () => {
        throw new Error("thrown")
      },
    ],
    ["rejects", () => Promise.reject(new Error("rejected"))],
    ["rejects with nothing", () => Promise.reject(undefined)],
  ])("is inconclusive when a classifier %s, and keeps the others' scores", async (_, fails) => {
    const { scores, inconclusive } = await classify(request, [{ name: "broken", classify: fails }, adult], 1000)
    expect(inconclusive).toBe("classifier_failed")
    expect(scores).toEqual([{ classifier: "adult", label: "nude", score: 0.25 }])
  })

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["an object instead of a list", { classifier: "odd", label: "x", score: 0 }],
    ["an empty entry", [null]],
    ["a score above 1", [{ classifier: "odd", label: "x", score: 1.01 }]],
    ["a score below 0", [{ classifier: "odd", label: "x", score: -0.01 }]],
    ["NaN", [{ classifier: "odd", label: "x", score: Number.NaN }]],
    ["a number as text", [{ classifier: "odd", label: "x", score: "0.1" }]],
    ["another classifier's name", [{ classifier: "adult", label: "x", score: 0 }]],
    ["no label", [{ classifier: "odd", score: 0 }]],
    ["an endless label", [{ classifier: "odd", label: "x".repeat(10_000), score: 0 }]],
    ["endless scores", Array(100_000).fill({ classifier: "odd", label: "x", score: 0 })],
  ])("is inconclusive when a classifier answers with %s", async (_, answer) => {
    expect(await classify(request, [saying("odd", answer)], 1000)).toEqual({
      scores: [],
      inconclusive: "classifier_failed",
    })
  })

  it("passes on only classifier, label and score of an answer", async () => {
    const chatty = saying("chatty", [{ classifier: "chatty", label: "x", score: 0, quote: "content" }])
    expect((await classify(request, [chatty], 1000)).scores).toEqual([{ classifier: "chatty", label: "x", score: 0 }])
  })

  it("is inconclusive when a classifier hangs, and aborts it", async () => {
    let stopped = false
    const hanging: Classifier = {
      name: "hanging",
      classify(_bytes, _fingerprint, signal) {
        signal.addEventListener("abort", () => {
          stopped = true
        })
        return never()
      },
    }
    const { scores, inconclusive } = await classify(request, [hanging, adult], SHORT_MS)
    expect(inconclusive).toBe("classifier_timed_out")
    expect(scores).toHaveLength(1)
    expect(stopped).toBe(true)
  })

  it("is inconclusive when reading the bytes fails or hangs, or gives other bytes than were fingerprinted", async () => {
    const causeOf = async (readBytes?: () => Promise<Uint8Array>) =>
      (
        await classify(
          compact({
            fingerprint,
            readBytes: readBytes || undefined,
          }),
          [adult],
          SHORT_MS,
        )
      ).inconclusive
    expect(await causeOf()).toBe("classifier_failed")
    expect(await causeOf(() => Promise.reject(new Error("gone")))).toBe("source_unreadable")
    expect(await causeOf(never)).toBe("time_limit")
    expect(await causeOf(async () => new Uint8Array(3))).toBe("source_changed")
    expect(await causeOf(async () => "an item" as never)).toBe("source_unreadable")
    expect(await causeOf(async () => 7 as never)).toBe("source_unreadable")
  })

  it("rejects with the caller's reason when the caller gives up", async () => {
    const controller = new AbortController()
    const running = classify(request, [{ name: "hanging", classify: never }], 60_000, controller.signal)
    controller.abort(new Error("given up"))
    await expect(running).rejects.toThrow("given up")
  })
})

describe("a deadline", () => {
  it("leaves no timer or listener behind", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length
    const before = timers()
    const listeners = new Set<unknown>()
    const signal = {
      throwIfAborted() {},
      addEventListener: (_: string, listener: unknown) => listeners.add(listener),
      removeEventListener: (_: string, listener: unknown) => listeners.delete(listener),
    } as unknown as AbortSignal
    expect(await withDeadline(async () => "done", 60_000, signal)).toBe("done")
    await expect(withDeadline(() => Promise.reject(new Error("failed")), 60_000, signal)).rejects.toThrow("failed")
    expect(listeners.size).toBe(0)
    expect(timers()).toBe(before)
  })

  it("does not start a task whose caller has already given up", async () => {
    let started = false
    const task = async () => {
      started = true
    }
    await expect(withDeadline(task, 1000, AbortSignal.abort(new Error("too late")))).rejects.toThrow("too late")
    expect(started).toBe(false)
  })

  it("ignores what a task does after the deadline", async () => {
    const { promise, reject } = Promise.withResolvers<never>()
    await expect(withDeadline(() => promise, SHORT_MS)).rejects.toMatchObject({ code: "timed_out" })
    reject(new Error("late"))
  })
})
