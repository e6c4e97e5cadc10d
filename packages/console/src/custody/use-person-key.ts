import type { CustodyKeyPair } from "@nightlight/contract/custodian"
import { queryOptions, useQuery } from "@tanstack/react-query"
import { useMe } from "../api/me.ts"
import { readPersonKey } from "./key-store.ts"

/** A person's key in this browser: `null` where it holds none, which is so too where it keeps nothing at all. */
export const personKeyQuery = (person: string) =>
  queryOptions({
    queryKey: ["person-key", person],
    queryFn: async (): Promise<CustodyKeyPair | null> => (await readPersonKey(person).catch(() => undefined)) ?? null,
    staleTime: Number.POSITIVE_INFINITY,
  })

/** The caller's key: `undefined` while it is looked for, `null` where this browser holds none. */
export function usePersonKey(): CustodyKeyPair | null | undefined {
  const { id } = useMe()
  return useQuery(personKeyQuery(id)).data
}
