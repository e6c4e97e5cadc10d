/**
 * The policies page's queries and calls.
 * @module
 */
import { compact } from "@nightlight/contract"
import type {
  PolicyApprovalAnswer,
  PolicyCheck,
  PolicyDetail,
  PolicyList,
  PolicySummary,
  ShadowView,
  TrialList,
  TrialView,
} from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { call } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"

/** All versions, and which is active. */
export type Policies = SchemaOutput<typeof PolicyList>
/** A version without its text. */
export type Version = PolicySummary
/** A version with its text. */
export type WholeVersion = SchemaOutput<typeof PolicyDetail>
/** A trial of a version on past findings. */
export type Trial = SchemaOutput<typeof TrialView>
/** A version's run in shadow. */
export type Shadow = SchemaOutput<typeof ShadowView>
/** The problems of a text. */
export type Check = SchemaOutput<typeof PolicyCheck>

/** A policy's text and its tests, as typed. */
export interface Words {
  readonly text: string
  readonly tests: string
}

const RUNNING_MS = 1000
const SHADOW_MS = 10_000
const pathOf = (digest: string, path = ""): string => `/v1/policies/${digest}${path}`

/** All versions, newest first. */
export const policiesQuery = queryOptions({
  queryKey: ["policies", "list"],
  queryFn: ({ signal }) => call<Policies>("GET", "/v1/policies", { signal }),
})

/** A version with its text. */
export const versionQuery = (digest: string) =>
  queryOptions({
    queryKey: ["policies", digest],
    queryFn: ({ signal }) => call<WholeVersion>("GET", pathOf(digest), { signal }),
  })

/** The trials of a version, newest first, without examples. */
export const trialsQuery = (digest: string) =>
  queryOptions({
    queryKey: ["policies", digest, "trials"],
    queryFn: async ({ signal }) =>
      (await call<SchemaOutput<typeof TrialList>>("GET", pathOf(digest, "/trials"), { signal })).trials,
  })

/** A trial; polled every second while it runs. */
export const trialQuery = (digest: string, trialId: string) =>
  queryOptions({
    queryKey: ["policies", digest, "trials", trialId],
    queryFn: ({ signal }) => call<Trial>("GET", pathOf(digest, `/trials/${trialId}`), { signal }),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? RUNNING_MS : false),
  })

/** A version's runs in shadow; polled while one runs, because counting is no event. */
export const shadowQuery = (digest: string) =>
  queryOptions({
    queryKey: ["policies", digest, "shadow"],
    queryFn: ({ signal }) => call<Shadow>("GET", pathOf(digest, "/shadow"), { signal }),
    refetchInterval: ({ state }) => (state.data?.running === true ? SHADOW_MS : false),
  })

/** The problems of a text. Nothing is saved. */
export const checkQuery = (words: Words) =>
  queryOptions({
    queryKey: ["policy-check", words.text, words.tests],
    queryFn: ({ signal }) => call<Check>("POST", "/v1/policies/check", { body: toBody(words), signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    enabled: words.text !== "",
  })

/** Saves a text as a new version. */
export const keepVersion = (words: Words): Promise<Version> => call("POST", "/v1/policies", { body: toBody(words) })

/** Starts a trial of a version on the findings of a period. */
export const tryVersion = (digest: string, period: { readonly from: string; readonly to: string }): Promise<Trial> =>
  call("POST", pathOf(digest, "/try"), { body: period })

/** Starts a version's run in shadow. */
export const startShadow = (digest: string): Promise<Shadow> => call("POST", pathOf(digest, "/shadow"))
/** Ends a version's run in shadow. */
export const endShadow = (digest: string): Promise<Shadow> => call("POST", pathOf(digest, "/shadow/end"))

/** Requests the activation of a version. */
export const requestActivation = (digest: string): Promise<SchemaOutput<typeof PolicyApprovalAnswer>> =>
  call("POST", pathOf(digest, "/activate"))
/** Requests a rollback to the version that the active one replaced. */
export const requestRollBack = (digest: string): Promise<SchemaOutput<typeof PolicyApprovalAnswer>> =>
  call("POST", pathOf(digest, "/rollback"))

/** Omits the tests if the field is empty. */
function toBody({ text, tests }: Words): Readonly<Record<string, string>> {
  return compact({ text, tests: tests.trim() !== "" ? tests : undefined })
}
