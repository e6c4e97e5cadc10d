/**
 * Viewings on a real database, with a custodian that shows a picture to the viewer's key as the real one does.
 */
import { randomUUID } from "node:crypto"
import {
  type CustodyKeyPair,
  createPersonKey,
  createViewerKey,
  type DerivativeGrant,
  type ProvenGrant,
  proveGrant,
  sealViewing,
} from "@nightlight/contract/custodian"
import { MINUTE_MS } from "@nightlight/core"
import type { TestDatabase } from "@nightlight/dev-env/database/postgres"
import { createHarness } from "@nightlight/dev-env/server/cases"
import type { z } from "zod"
import type { AttachedItem } from "../../../src/casework/cases/types.ts"
import { createExposure } from "../../../src/casework/exposure/service.ts"
import type { ExposureConfig } from "../../../src/casework/exposure/types.ts"
import { createViewings, type ViewingsDeps } from "../../../src/casework/viewings/service.ts"
import type { PersonActor } from "../../../src/platform/auth/actor.ts"

/** The picture that the custodian shows. */
export const PICTURE = new TextEncoder().encode("a grey square")

/** Limits as installed. */
export const EXPOSURE: ExposureConfig = {
  timeZone: "UTC",
  limits: {
    itemsPerDay: 60,
    originalsPerDay: 10,
    minutesPerDay: 300,
    breakAfterMinutes: 55,
    breakMinutes: 10,
  },
}

export function createViewingsHarness(
  db: TestDatabase,
  exposureConfig: Partial<ExposureConfig> = {},
  real?: ViewingsDeps["custodian"],
) {
  const base = createHarness(db)
  const asked: { kind: "viewing" | "attest"; grantId: string }[] = []
  const refusals: Error[] = []
  const custodian: ViewingsDeps["custodian"] = {
    view: async ({ grant }) => {
      asked.push({ kind: "viewing", grantId: grant.grantId })
      const refusal = refusals.shift()
      if (refusal !== undefined) throw refusal
      if (!("viewerKey" in grant)) throw new TypeError("expected a look")
      return {
        ...(await sealViewing(PICTURE, grant.viewerKey, grant.grantId)),
        mediaType: "image/png",
        width: 8,
        height: 8,
      }
    },
    attest: async ({ attestation }) => void asked.push({ kind: "attest", grantId: attestation.grantId }),
  }
  const dependent = new Set<string>()
  const exposure = createExposure({ db: base.db, clock: base.clock, config: { ...EXPOSURE, ...exposureConfig } })
  const viewings = createViewings({
    ...base.casesDeps,
    cases: base.cases,
    exposure,
    custodian: real ?? custodian,
    areIndependent: async (_db, first, second) => first !== second && !dependent.has(second),
  })
  return { ...base, exposure, viewings, asked, refusals, dependent }
}

export type ViewingsHarness = ReturnType<typeof createViewingsHarness>

/** A person with a key that the custodian knows. */
export async function aViewer(person: PersonActor) {
  return { person, key: await createPersonKey(), viewer: await createViewerKey() }
}

/** A grant to view an item, proven by the viewer and the other named people. */
export async function aProvenGrant(
  { clock, cases }: Pick<ViewingsHarness, "clock" | "cases">,
  { caseId, itemId }: Pick<AttachedItem, "caseId" | "itemId">,
  viewer: { readonly person: PersonActor; readonly key: CustodyKeyPair; readonly viewer: CustodyKeyPair },
  {
    others = [],
    ...of
  }: Partial<Omit<z.infer<typeof DerivativeGrant>, "purpose">> & {
    readonly purpose?: "derivative" | "original"
    readonly others?: readonly { readonly person: PersonActor; readonly key: CustodyKeyPair }[]
  } = {},
): Promise<ProvenGrant> {
  const evidence = (await cases.item(caseId, itemId))?.evidence
  const now = clock.now().getTime()
  const grant = {
    format: "nightlight-grant/1",
    grantId: `grant-${randomUUID()}`,
    caseId,
    person: viewer.person.id,
    purpose: "derivative",
    reason: "decide",
    viewerKey: viewer.viewer.publicKey,
    issuedAt: new Date(now).toISOString(),
    expiresAt: new Date(now + 5 * MINUTE_MS).toISOString(),
    evidence: {
      evidenceId: evidence?.evidenceId ?? "none",
      ciphertextSha256: evidence?.ciphertextSha256 ?? "0".repeat(64),
    },
    ...of,
  } as z.infer<typeof DerivativeGrant>
  const proofs = [viewer, ...others].map(({ person, key }) => proveGrant(grant, person.id, key.privateKey))
  return { grant, proofs: await Promise.all(proofs) }
}
