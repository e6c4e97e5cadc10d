/**
 * Lists what people sign with, as the custodian says: a passkey, or a key that their browser keeps.
 * @module
 */
import { PeopleSigning } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import { addRoute } from "../../platform/http/route.ts"

/** Dependencies of {@link signingRoutes}. */
export interface SigningRoutesDeps {
  readonly custodian: Pick<CustodianClient, "state" | "enrolments">
}

/** Registers `GET /v1/people/signing`, which asks the custodian who has enrolled a key. */
export function signingRoutes(app: FastifyInstance, { custodian }: SigningRoutesDeps): void {
  addRoute(app, {
    method: "GET",
    url: "/v1/people/signing",
    summary: "Lists what each person signs with: a passkey, or a kept key that needs no gesture",
    access: { kind: "permission", permission: "person:read" },
    object: { kind: "none", because: "everybody with the permission may read the staff list" },
    reply: PeopleSigning,
    handle: async () => {
      const [{ passkeys }, { people }] = await Promise.all([custodian.state(), custodian.enrolments()])
      const believed = people.filter(({ revokedAt }) => revokedAt === undefined)
      return {
        require: passkeys.require,
        people: believed.map(({ person, passkey, enrolledAt }) => ({
          id: person,
          by: passkey === undefined ? ("kept-key" as const) : ("passkey" as const),
          enrolledAt,
        })),
      }
    },
  })
}
