import { compact } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { nextStep } from "../../../src/filing/reports/filing/next.ts"
import {
  type FilingStep,
  MAX_ATTEMPTS,
  MAX_CALL_ATTEMPTS,
  type Next,
} from "../../../src/filing/reports/filing/steps.ts"
import type { StepOutcome } from "../../../src/platform/db/tables/filing.ts"

const FILES = ["evidence-a", "evidence-b"]
const at = new Date("2026-01-01T00:00:00Z")

type Answer = (next: Extract<Next, { do: "call" }>) => StepOutcome | "crash"

/** A CyberTipline in a few lines: which attempts are open, finished or gone. */
function authority() {
  const state = new Map<number, "open" | "finished" | "gone">()
  const commit = ({ attempt, step }: Extract<Next, { do: "call" }>): StepOutcome => {
    const is = state.get(attempt)
    switch (step.call) {
      case "open":
        if (is !== "open") state.set(attempt, "open")
        return { kind: "accepted", remoteReportId: `r${attempt}` }
      case "upload":
      case "describe":
        if (is === "finished") return { kind: "rejected", responseCode: 5102, retryable: false }
        return is === "open"
          ? { kind: "accepted", fileId: "f" }
          : { kind: "rejected", responseCode: 5101, retryable: false }
      case "finish":
        if (is !== "open") return { kind: "rejected", responseCode: is === "finished" ? 5102 : 5101, retryable: false }
        state.set(attempt, "finished")
        return { kind: "accepted" }
      case "retract":
        if (is === "finished") return { kind: "rejected", responseCode: 5102, retryable: false }
        if (is === "gone") return { kind: "rejected", responseCode: 5101, retryable: false }
        state.set(attempt, "gone")
        return { kind: "accepted" }
      case "abandon":
        return { kind: "accepted" }
    }
  }
  return { state, commit, finished: () => [...state.values()].filter((value) => value === "finished").length }
}

/** Runs a filing until it ends. */
function run(answer: Answer): { steps: FilingStep[]; end: Exclude<Next, { do: "call" }> } {
  const steps: FilingStep[] = []
  for (;;) {
    const next = nextStep(steps, FILES)
    if (next.do !== "call") return { steps, end: next }
    const outcome = answer(next)
    steps.push(
      compact({
        attempt: next.attempt,
        step: next.step,
        startedAt: at,
        outcome: outcome === "crash" ? undefined : outcome,
      }),
    )
    if (steps.length > 2_000) throw new Error("does not end")
  }
}

describe("nextStep", () => {
  it("opens, uploads and describes each file, and finishes", () => {
    const ncmec = authority()
    const { steps, end } = run((next) => ncmec.commit(next))
    expect(steps.map(({ step }) => step.call)).toEqual(["open", "upload", "describe", "upload", "describe", "finish"])
    expect(end).toEqual({ do: "finish", remoteReportId: "r1" })
  })

  it("ends finished exactly once, or with a person, whatever is lost before or after it took effect", () => {
    const fate = fc.constantFrom(
      "ok",
      "ok",
      "ok",
      "lost-before",
      "lost-after",
      "submit-lost",
      "crash-before",
      "crash-after",
      "1000",
      "unsent",
    )
    fc.assert(
      fc.property(fc.array(fate, { maxLength: 60 }), (fates) => {
        const ncmec = authority()
        let turn = 0
        const { end } = run((next) => {
          const now = fates[turn++] ?? "ok"
          if (now === "ok") return ncmec.commit(next)
          if (now === "submit-lost" && next.step.call === "open") {
            ncmec.commit(next)
            return { kind: "refused", code: "wrong-state" }
          }
          if (now === "lost-after") {
            ncmec.commit(next)
            return { kind: "unanswered" }
          }
          if (now === "crash-after") {
            ncmec.commit(next)
            return "crash"
          }
          if (now === "crash-before") return "crash"
          if (now === "1000") return { kind: "rejected", responseCode: 1000, retryable: true }
          return now === "unsent" ? { kind: "unsent" } : { kind: "unanswered" }
        })
        if (end.do === "finish") expect(ncmec.finished()).toBe(1)
        else expect(ncmec.finished()).toBeLessThanOrEqual(1)
        if (end.do === "hold" && end.code === "too-many-attempts") expect(ncmec.finished()).toBe(0)
      }),
      { numRuns: 2_000 },
    )
  })

  it("never repeats an upload in one remote report", () => {
    const { steps } = run((next) =>
      next.step.call === "upload" ? { kind: "unanswered" } : authorityAccepting(next.attempt, next.step.call),
    )
    const uploads = steps.filter(({ step }) => step.call === "upload").map(({ attempt }) => attempt)
    expect(new Set(uploads).size).toBe(uploads.length)
  })

  it("takes 5102 of retract as the finish whose answer was lost", () => {
    const ncmec = authority()
    const { end } = run((next) => {
      const outcome = ncmec.commit(next)
      return next.step.call === "finish" ? { kind: "unanswered" } : outcome
    })
    expect(end).toEqual({ do: "finish", remoteReportId: "r1" })
    expect(ncmec.finished()).toBe(1)
  })

  it("gives up an attempt whose report id was lost, and opens another", () => {
    const ncmec = authority()
    let lost = false
    const { steps, end } = run((next) => {
      const outcome = ncmec.commit(next)
      if (next.step.call !== "open" || lost) return outcome
      lost = true
      return { kind: "refused", code: "wrong-state" }
    })
    expect(steps.slice(0, 3).map(({ attempt, step }) => [attempt, step.call])).toEqual([
      [1, "open"],
      [1, "abandon"],
      [2, "open"],
    ])
    expect(end).toEqual({ do: "finish", remoteReportId: "r2" })
  })

  it("asks the custodian again what became of an open that was lost on the way to it", () => {
    const ncmec = authority()
    const { steps, end } = run((next) => {
      const outcome = ncmec.commit(next)
      return next.step.call === "open" && next.step.ask === 1 ? "crash" : outcome
    })
    expect(steps.slice(0, 2).map(({ attempt, step }) => [attempt, step.call])).toEqual([
      [1, "open"],
      [1, "open"],
    ])
    expect(end).toEqual({ do: "finish", remoteReportId: "r1" })
  })

  it("asks retract again while no answer decides, then a person", () => {
    const { steps, end } = run((next) =>
      next.step.call === "open" ? { kind: "accepted", remoteReportId: "r1" } : { kind: "unanswered" },
    )
    expect(steps.filter(({ step }) => step.call === "retract")).toHaveLength(MAX_CALL_ATTEMPTS)
    expect(end).toEqual({ do: "hold", code: "undecided" })
  })

  it("retracts and asks a person when a file is refused as it is", () => {
    const { steps, end } = run((next) =>
      next.step.call === "describe"
        ? { kind: "rejected", responseCode: 4100, retryable: false }
        : authorityAccepting(next.attempt, next.step.call),
    )
    expect(steps.at(-1)?.step.call).toBe("retract")
    expect(end).toEqual({ do: "hold", code: "refused", responseCode: 4100 })
  })

  it("goes on after a refusal when a person lets it", () => {
    const steps: FilingStep[] = [
      {
        attempt: 1,
        step: { call: "open", ask: 1 },
        startedAt: at,
        outcome: { kind: "rejected", responseCode: 3100, retryable: false },
      },
    ]
    expect(nextStep(steps, FILES)).toEqual({ do: "hold", code: "not-authorised", responseCode: 3100 })
    expect(nextStep(steps, FILES, { resumes: 1 })).toMatchObject({ do: "call", attempt: 2, step: { call: "open" } })
  })

  it("retracts and asks a person when the CyberTipline holds another file than was sent, and goes on when told to", () => {
    const { steps, end } = run((next) =>
      next.step.call === "upload"
        ? { kind: "differs", what: "md5", remoteReportId: "r1" }
        : authorityAccepting(next.attempt, next.step.call),
    )
    expect(steps.map(({ step }) => step.call)).toEqual(["open", "upload", "retract"])
    expect(end).toEqual({ do: "hold", code: "upload-differs" })
    expect(nextStep(steps, FILES, { resumes: 1 })).toMatchObject({ do: "call", attempt: 2, step: { call: "open" } })
  })

  it.each(["finish", "retract"])(
    "holds a report whose receipt names other files, as %s brought it, until a person accepts it",
    (call) => {
      const ncmec = authority()
      const { steps, end } = run((next) => {
        const outcome = ncmec.commit(next)
        if (next.step.call === call) return { kind: "differs", what: "file-ids", remoteReportId: "r1" }
        return next.step.call === "finish" ? { kind: "unanswered" } : outcome
      })
      expect(end).toEqual({ do: "hold", code: "receipt-differs", remoteReportId: "r1" })
      expect(nextStep(steps, FILES, { resumes: 5 })).toEqual(end)
      expect(nextStep(steps, FILES, { isReceiptAccepted: true })).toEqual({ do: "finish", remoteReportId: "r1" })
      expect(ncmec.finished()).toBe(1)
    },
  )

  it("stops after so many attempts", () => {
    const { end } = run((next) =>
      next.step.call === "abandon" ? { kind: "accepted" } : { kind: "rejected", responseCode: 1000, retryable: true },
    )
    expect(end).toEqual({ do: "hold", code: "too-many-attempts" })
    expect(MAX_ATTEMPTS).toBeGreaterThan(1)
  })
})

function authorityAccepting(attempt: number, call: string): StepOutcome {
  if (call === "open") return { kind: "accepted", remoteReportId: `r${attempt}` }
  return call === "upload" ? { kind: "accepted", fileId: "f" } : { kind: "accepted" }
}
