import { DependencyError, RequestError } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import type { CheckContext } from "../../src/checks/check.ts"
import { runCheck } from "../../src/engine/run-check.ts"
import { GuardRefusal } from "../../src/errors.ts"
import type { CheckItem } from "../../src/inspect/inspectable.ts"
import type { Running } from "../../src/running/running.ts"
import { createRemoteMatch, createRemotePorts } from "../../src/workers/ask-first.ts"
import { type Answers, createPeer, type Peer } from "../../src/workers/peer.ts"
import type { AskedByWorkers } from "../../src/workers/questions.ts"

interface Kinds {
  readonly work: readonly [given: unknown, answer: unknown]
}

const SECRET = "quartz umbrella violet"

/** Two ends of one channel: what is sent is cloned as between processes. */
function connect(answers: Answers<Kinds>): { asker: Peer<Kinds>; answerer: Peer<Record<never, never>> } {
  const asker: Peer<Kinds> = createPeer((message, sent) => {
    answerer.receive(structuredClone(message))
    sent(null)
  }, {})
  const answerer = createPeer<Record<never, never>, Kinds>((message, sent) => {
    asker.receive(structuredClone(message))
    sent(null)
  }, answers)
  return { asker, answerer }
}

describe("a question to another process", () => {
  it("is answered, including bytes and thrown refusals", async () => {
    const { asker } = connect({
      work: (given) => {
        if (given === "refuse") throw new GuardRefusal("rate_limit_exceeded", "less often")
        if (given === "wrong") throw new RequestError("config_invalid", "line 3")
        return given
      },
    })
    expect(await asker.ask("work", { bytes: Buffer.from([1, 2, 3]).subarray(1) })).toEqual({
      bytes: new Uint8Array([2, 3]),
    })
    const refused = await asker.ask("work", "refuse").catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(GuardRefusal)
    expect(refused).toMatchObject({ code: "rate_limit_exceeded", status: 429, message: "less often" })
    await expect(asker.ask("work", "wrong")).rejects.toMatchObject({ code: "config_invalid", message: "line 3" })
  })

  it("fails without repeating its content, whatever was thrown or could not be sent", async () => {
    const failing = connect({
      work: () => {
        throw new DependencyError("unavailable", SECRET, { details: { what: SECRET } })
      },
    })
    const unsendable = connect({ work: () => ({ [SECRET]: () => {} }) })
    const asked = [
      failing.asker.ask("work", 1),
      unsendable.asker.ask("work", 1),
      failing.asker.ask("work", () => SECRET),
    ]
    for (const one of await Promise.allSettled(asked)) {
      expect(one).toMatchObject({ status: "rejected", reason: { code: "unavailable" } })
      expect(JSON.stringify(one) + String(one.status === "rejected" && one.reason)).not.toContain(SECRET)
    }
  })

  it("fails when it is not answered in time, and when the other process ends or has ended", async () => {
    const stopped: boolean[] = []
    const { asker, answerer } = connect({
      work: (_given, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            stopped.push(true)
            reject(new Error("stopped"))
          })
        }),
    })
    await expect(asker.ask("work", 1, { timeoutMs: 1 })).rejects.toMatchObject({ code: "timed_out" })
    expect(stopped).toEqual([true])
    const caller = new AbortController()
    const given = asker.ask("work", 1, { signal: caller.signal })
    caller.abort(new Error("gone"))
    await expect(given).rejects.toThrow("gone")
    expect(stopped).toEqual([true, true])
    const open = asker.ask("work", 1)
    asker.close()
    answerer.close()
    await expect(open).rejects.toMatchObject({ code: "unavailable" })
    await expect(asker.ask("work", 1)).rejects.toMatchObject({ code: "unavailable" })
    expect(stopped).toEqual([true, true, true])
  })
})

it("fails closed without an answer of the first process: no picture counts as unmatched, no call is admitted, no block counts as recorded", async () => {
  const first = createPeer<AskedByWorkers, Record<never, never>>(() => {}, {})
  const check = createRemoteMatch({ name: "lists", deadlineMs: 5 }, first, { screens: true })
  const context: CheckContext = {
    exchange: "exchange-1",
    endpoint: "chat",
    direction: "input",
    caller: { id: "app", trusted: false },
  }
  const item: CheckItem = {
    kind: "bytes",
    role: "user",
    channel: "image",
    choice: 0,
    path: "messages[0].content",
    bytes: new Uint8Array(3),
  }
  expect(await runCheck(check, [item], context, new AbortController().signal)).toMatchObject({ failure: "timed_out" })
  first.close()
  expect(await runCheck(check, [item], context, new AbortController().signal)).toMatchObject({ failure: "failed" })
  const ports = createRemotePorts(first, { screens: true })
  const call = { endpoint: "chat", caller: context.caller, headers: {} } as const
  expect(await ports.admit(call, {} as Running)).toEqual({ isOpen: false })
  await expect(ports.record({} as never, undefined)).rejects.toMatchObject({ code: "unavailable" })
})
