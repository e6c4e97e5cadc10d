/**
 * What the policies' page reads and does.
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
import type { Of } from "../../api/of.ts"

/** All versions, and what decides. */
export type Policies = Of<typeof PolicyList>
/** A version without its text. */
export type Version = PolicySummary
/** A version, whole. */
export type WholeVersion = Of<typeof PolicyDetail>
/** A trial. */
export type Trial = Of<typeof TrialView>
/** What a version did in shadow. */
export type Shadow = Of<typeof ShadowView>
/** What is wrong with a text. */
export type Check = Of<typeof PolicyCheck>

/** A policy's text and the tests beside it, as they are typed. */
export interface Words {
  readonly text: string
  readonly tests: string
}

const RUNNING_MS = 1000
const SHADOW_MS = 10_000
const pathOf = (digest: string, path = ""): string => `/v1/policies/${digest}${path}`

/** Versions, newest first. */
export const policiesQuery = queryOptions({
  queryKey: ["policies", "list"],
  queryFn: ({ signal }) => call<Policies>("GET", "/v1/policies", { signal }),
})

/** One version. */
export const versionQuery = (digest: string) =>
  queryOptions({
    queryKey: ["policies", digest],
    queryFn: ({ signal }) => call<WholeVersion>("GET", pathOf(digest), { signal }),
  })

/** Its trials, newest first, without examples. */
export const trialsQuery = (digest: string) =>
  queryOptions({
    queryKey: ["policies", digest, "trials"],
    queryFn: async ({ signal }) =>
      (await call<Of<typeof TrialList>>("GET", pathOf(digest, "/trials"), { signal })).trials,
  })

/** One trial; read again every second while it runs. */
export const trialQuery = (digest: string, trialId: string) =>
  queryOptions({
    queryKey: ["policies", digest, "trials", trialId],
    queryFn: ({ signal }) => call<Trial>("GET", pathOf(digest, `/trials/${trialId}`), { signal }),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? RUNNING_MS : false),
  })

/** Its runs in shadow; counts are no events, so they are read again now and then while one runs. */
export const shadowQuery = (digest: string) =>
  queryOptions({
    queryKey: ["policies", digest, "shadow"],
    queryFn: ({ signal }) => call<Shadow>("GET", pathOf(digest, "/shadow"), { signal }),
    refetchInterval: ({ state }) => (state.data?.running === true ? SHADOW_MS : false),
  })

/** What is wrong with a text; keeps nothing. */
export const checkQuery = (words: Words) =>
  queryOptions({
    queryKey: ["policy-check", words.text, words.tests],
    queryFn: ({ signal }) => call<Check>("POST", "/v1/policies/check", { body: toBody(words), signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    enabled: words.text !== "",
  })

/** Keeps a text as a draft. */
export const keepVersion = (words: Words): Promise<Version> => call("POST", "/v1/policies", { body: toBody(words) })

/** Tries a version over a period. */
export const tryVersion = (digest: string, period: { readonly from: string; readonly to: string }): Promise<Trial> =>
  call("POST", pathOf(digest, "/try"), { body: period })

/** Starts a version's run in shadow. */
export const startShadow = (digest: string): Promise<Shadow> => call("POST", pathOf(digest, "/shadow"))
/** Ends it. */
export const endShadow = (digest: string): Promise<Shadow> => call("POST", pathOf(digest, "/shadow/end"))

/** Asks to make a version active. */
export const requestActivation = (digest: string): Promise<Of<typeof PolicyApprovalAnswer>> =>
  call("POST", pathOf(digest, "/activate"))
/** Asks to bring back the version that the active one took the place of. */
export const requestRollBack = (digest: string): Promise<Of<typeof PolicyApprovalAnswer>> =>
  call("POST", pathOf(digest, "/rollback"))

/** A tests file that is empty is none. */
function toBody({ text, tests }: Words): Readonly<Record<string, string>> {
  return compact({ text, tests: tests.trim() !== "" ? tests : undefined })
}
