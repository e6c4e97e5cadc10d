/**
 * The administration page's queries.
 * @module
 */
import type {
  BreakGlassList,
  ExposureLimits,
  ExposureList,
  KeyList,
  OperationsState,
  PeopleCounts,
  PeopleList,
  PersonView,
  RestoreReconciled as Reconciled,
  RestoreState,
  SourceList,
  TaskList,
} from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { call } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"

/** A person's account. */
export type Person = PersonView
/** Limits on viewing. */
export type Limits = ExposureLimits
/** A service key. */
export type ServiceKey = SchemaOutput<typeof KeyList>["keys"][number]
/** A source of findings. */
export type Source = SchemaOutput<typeof SourceList>["sources"][number]
/** A request for emergency access, made on the host. */
export type BreakGlass = SchemaOutput<typeof BreakGlassList>["requests"][number]
/** A task for a person: an action that the service could not complete. */
export type Task = SchemaOutput<typeof TaskList>["tasks"][number]
/** The result of comparing the database with the custodian's journal after a restore. */
export type RestoreReconciled = SchemaOutput<typeof Reconciled>

/** Everybody, including people who left. */
export const peopleQuery = queryOptions({
  queryKey: ["people", "list"],
  queryFn: async ({ signal }) => (await call<SchemaOutput<typeof PeopleList>>("GET", "/v1/people", { signal })).people,
})

/** Counts of people, without names. */
export const countsQuery = queryOptions({
  queryKey: ["people", "counts"],
  queryFn: ({ signal }) => call<PeopleCounts>("GET", "/v1/people/counts", { signal }),
})

/** Service keys, newest first. */
export const keysQuery = queryOptions({
  queryKey: ["sources", "keys"],
  queryFn: async ({ signal }) => (await call<SchemaOutput<typeof KeyList>>("GET", "/v1/keys", { signal })).keys,
})

/** Sources, oldest first. */
export const sourcesQuery = queryOptions({
  queryKey: ["sources", "list"],
  queryFn: async ({ signal }) =>
    (await call<SchemaOutput<typeof SourceList>>("GET", "/v1/sources", { signal })).sources,
})

/** Limits on viewing, everybody's and each person's, and today's viewings per person. */
export const exposureListQuery = queryOptions({
  queryKey: ["exposure", "everybody"],
  queryFn: ({ signal }) => call<SchemaOutput<typeof ExposureList>>("GET", "/v1/exposure", { signal }),
})

/** Requests for emergency access, made on the host. */
export const breakGlassQuery = queryOptions({
  queryKey: ["people", "break-glass"],
  queryFn: async ({ signal }) =>
    (await call<SchemaOutput<typeof BreakGlassList>>("GET", "/v1/break-glass", { signal })).requests,
})

/** The running version, and whether reports are filed. */
export const operationsQuery = queryOptions({
  queryKey: ["operations", "state"],
  queryFn: ({ signal }) => call<SchemaOutput<typeof OperationsState>>("GET", "/v1/operations/state", { signal }),
})

/** Whether a restore of the database is still open. */
export const restoreQuery = queryOptions({
  queryKey: ["operations", "restore"],
  queryFn: ({ signal }) => call<RestoreState>("GET", "/v1/operations/restore", { signal }),
  refetchInterval: 60_000,
})

/** Tasks for a person; polled, because tasks are no topic of live updates. */
export const tasksQuery = queryOptions({
  queryKey: ["operations", "tasks"],
  queryFn: async ({ signal }) =>
    (await call<SchemaOutput<typeof TaskList>>("GET", "/v1/operations/tasks", { signal })).tasks,
  refetchInterval: 60_000,
})
