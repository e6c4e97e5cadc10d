import { OperationsState, TaskCloseBody, TaskClosed, TaskList } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, personOf } from "../../platform/http/route.ts"
import { VERSION } from "../../platform/version.ts"
import type { FilingHold } from "./filing-gate.ts"
import type { Tasks } from "./tasks.ts"

const TASKS_SHOWN = 200

/** Registers `/v1/operations/tasks` and `/v1/operations/state`. Closing a task needs `operations:manage`. */
export function operationRoutes(
  app: FastifyInstance,
  { tasks, gate }: { readonly tasks: Tasks; readonly gate: () => Promise<FilingHold | undefined> },
): void {
  addRoute(app, {
    method: "GET",
    url: "/v1/operations/tasks",
    summary: "Lists open tasks for people, oldest first, at most 200.",
    access: { kind: "permission", permission: "operations:read" },
    object: { kind: "none", because: "tasks hold ids and codes alone" },
    reply: TaskList,
    handle: async () => ({
      tasks: (await tasks.open(TASKS_SHOWN)).map((task) => ({ ...task, openedAt: task.openedAt.toISOString() })),
    }),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/operations/tasks/:taskId/close",
    summary: "Closes a task.",
    access: { kind: "permission", permission: "operations:manage" },
    object: { kind: "none", because: "tasks belong to the installation" },
    params: z.strictObject({ taskId: z.string().regex(/^task-[0-9a-f-]{36}$/) }),
    body: TaskCloseBody,
    reply: TaskClosed,
    handle: async ({ actor, params, body }) => {
      await tasks.close(personOf(actor).id, params.taskId, body.outcome)
      return { closed: true as const }
    },
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/operations/state",
    summary: "Reads the running version, and whether filing is paused and why.",
    access: { kind: "permission", permission: "operations:read" },
    object: { kind: "none", because: "it belongs to the installation" },
    reply: OperationsState,
    handle: async () => {
      const why = await gate()
      return compact({ version: VERSION, filingPaused: why !== undefined, why })
    },
  })
}
