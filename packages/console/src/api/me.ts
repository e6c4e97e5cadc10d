/**
 * Who is signed in, and who the others are.
 * @module
 */
import type { Me, PeopleNames, SignInWays } from "@nightlight/contract/server"
import { queryOptions, useQuery } from "@tanstack/react-query"
import { beginAnew, isAnothers } from "../app/owner.ts"
import { call, callOnce } from "./call.ts"
import type { Of } from "./of.ts"
import { CallError } from "./problem.ts"

/** The caller; `null` where nobody is signed in. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    const me = await callOnce<Me>("GET", "/v1/me", { signal }).catch((error: unknown) => {
      if (error instanceof CallError && error.code === "unauthenticated") return null
      throw error
    })
    if (me === null || !isAnothers(me.id)) return me
    // Signed in beside this page, in another window.
    beginAnew()
    return new Promise<never>(() => undefined)
  },
  staleTime: 60_000,
})

/** Which ways in there are. */
export const signInWaysQuery = queryOptions({
  queryKey: ["sign-in-ways"],
  queryFn: ({ signal }) => callOnce<Of<typeof SignInWays>>("GET", "/v1/sign-in", { signal }),
  staleTime: 60_000,
})

/** Names of everybody who works here, by id. */
export const namesQuery = queryOptions({
  queryKey: ["people", "names"],
  queryFn: async ({ signal }) => {
    const { people } = await call<Of<typeof PeopleNames>>("GET", "/v1/people/names", { signal })
    return new Map(people.map(({ id, name }) => [id, name]))
  },
  staleTime: 300_000,
})

/** The caller on a page that only signed-in people see. @throws {Error} where the query has no answer yet. */
export function useMe(): Me {
  const { data } = useQuery(meQuery)
  if (data === undefined || data === null) throw new Error("nobody is signed in")
  return data
}

/** Whether the caller holds a permission now; the server decides, this only hides what would be refused. */
export function useCan(): (permission: string) => boolean {
  const { permissions } = useMe()
  return (permission) => permissions.includes(permission)
}
