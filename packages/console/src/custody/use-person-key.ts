import type { CustodyKeyPair } from "@nightlight/contract/custodian"
import { useQuery } from "@tanstack/react-query"
import { useMe } from "../api/me.ts"
import { readPersonKey } from "./key-store.ts"

/** The caller's key: `undefined` while it is looked for, `null` where this browser holds none. */
export function usePersonKey(): CustodyKeyPair | null | undefined {
  const { id } = useMe()
  const { data } = useQuery({
    queryKey: ["person-key", id],
    queryFn: async () => (await readPersonKey(id)) ?? null,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return data
}
