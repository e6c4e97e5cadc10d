/**
 * The signed-in person, and the names of their colleagues.
 * @module
 */
import type { Me, PeopleNames, SignInWays } from "@nightlight/contract/server"
import { queryOptions, useQuery } from "@tanstack/react-query"
import { isOtherOwner, reloadPage } from "../app/owner.ts"
import { call, callOnce } from "./call.ts"
import { CallError } from "./problem.ts"
import type { SchemaOutput } from "./schema-output.ts"

/** The caller; `null` if nobody is signed in. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    const me = await callOnce<Me>("GET", "/v1/me", { signal }).catch((error: unknown) => {
      if (error instanceof CallError && error.code === "unauthenticated") return null
      throw error
    })
    if (me === null || !isOtherOwner(me.id)) return me
    // Somebody else has signed in, in another window of this browser.
    reloadPage()
    return new Promise<never>(() => undefined)
  },
  staleTime: 60_000,
})

/** Ways to sign in that the installation offers. */
export const signInWaysQuery = queryOptions({
  queryKey: ["sign-in-ways"],
  queryFn: ({ signal }) => callOnce<SchemaOutput<typeof SignInWays>>("GET", "/v1/sign-in", { signal }),
  staleTime: 60_000,
})

/** Names of everybody with an account, by id. */
export const namesQuery = queryOptions({
  queryKey: ["people", "names"],
  queryFn: async ({ signal }) => {
    const { people } = await call<SchemaOutput<typeof PeopleNames>>("GET", "/v1/people/names", { signal })
    return new Map(people.map(({ id, name }) => [id, name]))
  },
  staleTime: 300_000,
})

/** The caller, on a page that only signed-in people see. @throws {Error} while the query has no answer. */
export function useMe(): Me {
  const { data } = useQuery(meQuery)
  if (data === undefined || data === null) throw new Error("nobody is signed in")
  return data
}

/** Whether the caller holds a permission. The server enforces permissions; this only hides what it would refuse. */
export function useCan(): (permission: string) => boolean {
  const { permissions } = useMe()
  return (permission) => permissions.includes(permission)
}
