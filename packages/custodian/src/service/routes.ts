/**
 * All routes except filings: parse, one call, shape.
 * @module
 */

import {
  AttestationBody,
  CHECKPOINT_BODY_BYTES,
  CheckpointBody,
  type CustodianState,
  EnrolBody,
  IntakeBody,
  InviteBody,
  RestartBody,
  RevokeBody,
  RewrapAllowBody,
  RewrapBody,
  UnlockBody,
  ViewingBody,
} from "@nightlight/contract/custodian"
import { keyIdOfPoint } from "@nightlight/vault/webauthn"
import type { FastifyInstance } from "fastify"
import { refusal } from "../refusal.ts"
import type { Context } from "./context.ts"
import { parse } from "./parse.ts"

/** Adds all routes except those of filings. */
export function addRoutes(app: FastifyInstance, context: Context): void {
  const { keyring, people, viewings, intake, witness, rewraps } = context

  app.get("/v1/state", (): Promise<CustodianState> => context.state())

  app.post("/v1/unlock", async ({ body }) => {
    const { passphrase, acceptConfig = false } = parse(UnlockBody, body)
    await context.unlock(passphrase, acceptConfig)
    return context.state()
  })

  app.get("/v1/enrolments", () => people.list())

  app.get("/v1/enrolments/keys", async () => ({ keys: context.keys.all() }))

  app.post("/v1/enrolments", async ({ body }) => {
    const { passphrase, person, roles } = parse(InviteBody, body)
    await keyring.assertPassphrase(passphrase)
    return people.invite(person, [...new Set(roles)])
  })

  app.post("/v1/enrolments/complete", async ({ body }) => {
    const { person, roles, publicKey } = await people.complete(parse(EnrolBody, body))
    return { person, roles, keyId: keyIdOfPoint(publicKey) }
  })

  app.post("/v1/enrolments/revoke", async ({ body }) => {
    const { passphrase, person } = parse(RevokeBody, body)
    await keyring.assertPassphrase(passphrase)
    if (!(await people.revoke(person))) throw refusal("not-enrolled", "the custodian does not know this person")
    return people.list()
  })

  app.post("/v1/intake", ({ body }) => intake.open(parse(IntakeBody, body)))

  app.post("/v1/viewings", async ({ body }, reply) => {
    reply.header("cache-control", "no-store")
    return viewings.view(parse(ViewingBody, body))
  })

  app.post("/v1/attestations", async ({ body }, reply) => {
    await viewings.attest(parse(AttestationBody, body))
    reply.code(204)
  })

  app.get("/v1/lists", async () => ({ snapshots: await context.lists.all() }))

  app.get("/v1/checkpoints/head", async () => witness.head())

  app.post("/v1/checkpoints", { bodyLimit: CHECKPOINT_BODY_BYTES }, async ({ body }) => {
    const line = await witness.sign(parse(CheckpointBody, body))
    return { line }
  })

  app.post("/v1/checkpoints/restart", async ({ body }) => {
    const { passphrase, ...proven } = parse(RestartBody, body)
    await keyring.assertPassphrase(passphrase)
    return { line: await witness.restart(proven) }
  })

  app.post("/v1/rewraps", async ({ body }) => {
    const { passphrase, recipients, accept } = parse(RewrapAllowBody, body)
    await keyring.assertPassphrase(passphrase)
    return rewraps.allow(recipients, accept)
  })

  app.post("/v1/rewraps/header", ({ body }) => rewraps.header(parse(RewrapBody, body).evidenceId))

  app.setNotFoundHandler(async () => {
    throw refusal("unknown", "there is no such route")
  })
}
