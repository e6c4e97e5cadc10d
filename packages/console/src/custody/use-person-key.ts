import type { MySigning } from "@nightlight/contract/server"
import { queryOptions, useQuery } from "@tanstack/react-query"
import { call } from "../api/call.ts"
import { useMe } from "../api/me.ts"
import type { SchemaOutput } from "../api/schema-output.ts"
import { passkeyObstacle } from "./find-obstacle.ts"
import { readPersonKey } from "./key-store.ts"
import type { PersonKey } from "./person-key.ts"

/** The caller's keys that the custodian knows, and where its passkeys are used. */
export const mySigningQuery = queryOptions({
  queryKey: ["person-key", "signing"],
  queryFn: ({ signal }) => call<SchemaOutput<typeof MySigning>>("GET", "/v1/me/signing", { signal }),
  staleTime: 60_000,
})

/** A person's keys in this browser; `null` if it has none, or stores nothing at all. */
export const personKeyQuery = (person: string) =>
  queryOptions({
    queryKey: ["person-key", person],
    queryFn: async ({ client }): Promise<PersonKey | null> => {
      const browserKey = await readPersonKey(person).catch(() => undefined)
      // If the custodian does not answer, the stored key may still be valid.
      const signing = await client.fetchQuery(mySigningQuery).catch(() => undefined)
      const credentialId = signing?.enrolled?.passkey?.credentialId
      const rpId = signing?.passkeys.rpId
      const isUsable = credentialId !== undefined && rpId !== undefined && passkeyObstacle(rpId) === undefined
      const passkey = isUsable ? { rpId, credentialId } : undefined
      if (browserKey === undefined && passkey === undefined) return null
      return { browserKey, passkey, require: signing?.passkeys.require ?? [] }
    },
    staleTime: 60_000,
  })

/** The caller's keys: `undefined` while loading, `null` if this browser has none. */
export function usePersonKey(): PersonKey | null | undefined {
  const { id } = useMe()
  return useQuery(personKeyQuery(id)).data
}
