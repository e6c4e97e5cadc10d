/**
 * What the administration's pages read.
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
import type { Of } from "../../api/of.ts"

/** One person. */
export type Person = PersonView
/** What may be looked at. */
export type Limits = ExposureLimits
/** A service's key. */
export type ServiceKey = Of<typeof KeyList>["keys"][number]
/** A source. */
export type Source = Of<typeof SourceList>["sources"][number]
/** A way back in that the host asked for. */
export type BreakGlass = Of<typeof BreakGlassList>["requests"][number]
/** What a machine could not do. */
export type Task = Of<typeof TaskList>["tasks"][number]
/** What came of comparing with the custodian's journal after a restore. */
export type RestoreReconciled = Of<typeof Reconciled>

/** Everybody, those who left included. */
export const peopleQuery = queryOptions({
  queryKey: ["people", "list"],
  queryFn: async ({ signal }) => (await call<Of<typeof PeopleList>>("GET", "/v1/people", { signal })).people,
})

/** Counts, without names. */
export const countsQuery = queryOptions({
  queryKey: ["people", "counts"],
  queryFn: ({ signal }) => call<PeopleCounts>("GET", "/v1/people/counts", { signal }),
})

/** Services' keys, newest first. */
export const keysQuery = queryOptions({
  queryKey: ["sources", "keys"],
  queryFn: async ({ signal }) => (await call<Of<typeof KeyList>>("GET", "/v1/keys", { signal })).keys,
})

/** Sources, oldest first. */
export const sourcesQuery = queryOptions({
  queryKey: ["sources", "list"],
  queryFn: async ({ signal }) => (await call<Of<typeof SourceList>>("GET", "/v1/sources", { signal })).sources,
})

/** Limits of looking, everybody's and each person's, and what each looked at today. */
export const exposureListQuery = queryOptions({
  queryKey: ["exposure", "everybody"],
  queryFn: ({ signal }) => call<Of<typeof ExposureList>>("GET", "/v1/exposure", { signal }),
})

/** Ways back in that the host asked for. */
export const breakGlassQuery = queryOptions({
  queryKey: ["people", "break-glass"],
  queryFn: async ({ signal }) => (await call<Of<typeof BreakGlassList>>("GET", "/v1/break-glass", { signal })).requests,
})

/** Which version runs, and whether it files. */
export const operationsQuery = queryOptions({
  queryKey: ["operations", "state"],
  queryFn: ({ signal }) => call<Of<typeof OperationsState>>("GET", "/v1/operations/state", { signal }),
})

/** Whether the database was restored and not all is reconciled. */
export const restoreQuery = queryOptions({
  queryKey: ["operations", "restore"],
  queryFn: ({ signal }) => call<RestoreState>("GET", "/v1/operations/restore", { signal }),
  refetchInterval: 60_000,
})

/** What a machine could not do; a task is no topic of its own, so it is asked for again. */
export const tasksQuery = queryOptions({
  queryKey: ["operations", "tasks"],
  queryFn: async ({ signal }) => (await call<Of<typeof TaskList>>("GET", "/v1/operations/tasks", { signal })).tasks,
  refetchInterval: 60_000,
})
