import { expect, it } from "vitest"
import { sortDue } from "../../../src/oversight/home/order.ts"
import type { Due } from "../../../src/oversight/home/types.ts"

const at = (hour: number) => new Date(Date.UTC(2026, 5, 1, hour))
const due = (id: string, of: Partial<Due> = {}): Due => ({ kind: "case", id, code: "waiting", sinceAt: at(9), ...of })

it("puts imminent danger first, then deadlines, then single things, then the queue, longest waiting first", () => {
  const ordered = sortDue([
    due("queue-young", { sinceAt: at(8) }),
    due("alarm", { kind: "alarm", code: "report-held", sinceAt: at(10) }),
    due("later", { dueAt: at(20) }),
    due("queue-old", { sinceAt: at(7) }),
    due("sooner", { kind: "approval", dueAt: at(11) }),
    due("second", { kind: "second-review", sinceAt: at(10) }),
    due("harmed-now", { code: "danger", dueAt: at(23) }),
    due("overdue", { kind: "report", dueAt: at(3) }),
  ])
  expect(ordered.map(({ id }) => id)).toEqual([
    "harmed-now",
    "overdue",
    "sooner",
    "later",
    "alarm",
    "second",
    "queue-old",
    "queue-young",
  ])
})
