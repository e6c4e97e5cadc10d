/**
 * SQL of versions and of the times at which each was active.
 * @module
 */
import { compact } from "@nightlight/core"
import type { Kysely, Transaction } from "kysely"
import { readConsistentlyOrThrow, readingOf } from "../../platform/authority/read-consistently.ts"
import {
  insertSealed,
  readOneSealed,
  readSealedGood,
  type SealedRow,
  updateSealed,
} from "../../platform/authority/sealed-rows.ts"
import { lockUntilEnd } from "../../platform/db/advisory-lock.ts"
import type { ActivatedHow, PolicyState } from "../../platform/db/tables/intake.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents } from "../../platform/events/read.ts"
import { type PolicyText, type PolicyVersion, subjectOf } from "./types.ts"

const LIST_LIMIT = 500
const HISTORY_LIMIT = 50

/** Blocks every other change of policies until this transaction ends. */
export async function lockPolicies(trx: Transaction<Tables>): Promise<void> {
  await lockUntilEnd(trx, "policies")
}

/** Versions, newest first, at most 500. */
export async function listVersions(db: Kysely<Tables>): Promise<readonly PolicyVersion[]> {
  const rows = await readSealedGood(db, "policies", (all) =>
    all.orderBy("made_at", "desc").orderBy("digest").limit(LIST_LIMIT),
  )
  return rows.map(toVersion)
}

/** Reads a version by the digest of its text; `undefined` if it is not stored here. */
export async function findVersion(db: Kysely<Tables>, digest: string): Promise<PolicyVersion | undefined> {
  const row = await readOneSealed(db, "policies", (all) => all.where("digest", "=", digest))
  return row && toVersion(row)
}

/** Reads a version's text. */
export async function readPolicyText(db: Kysely<Tables>, digest: string): Promise<PolicyText | undefined> {
  const row = await readOneSealed(db, "policies", (all) => all.where("digest", "=", digest))
  return (
    row &&
    compact({
      text: row.text,
      testsText: row.tests_text !== null ? row.tests_text : undefined,
    })
  )
}

/** Inserts a row of `policies`. Its MAC covers the text and the tests too. */
export async function insertVersion(db: Kysely<Tables>, version: PolicyVersion, policyText: PolicyText): Promise<void> {
  await insertSealed(db, "policies", {
    digest: version.digest,
    policy_digest: version.policyDigest,
    name: version.name,
    version: version.version,
    text: policyText.text,
    tests_text: policyText.testsText ?? null,
    rule_count: version.ruleCount,
    test_count: version.testCount,
    state: version.state,
    made_by: version.madeBy,
    made_at: version.madeAt,
    activated_at: version.activatedAt ?? null,
  })
}

/**
 * Digest of the version in one state; there is at most one that is active, and one in shadow.
 *
 * @throws {IntegrityError} `row_untrusted` if the row was altered, or another version was made active last, according
 *   to the log.
 */
export function digestIn(db: Kysely<Tables>, state: "active" | "shadow"): Promise<string | undefined> {
  return readConsistentlyOrThrow(db, async () => {
    const row = await readOneSealed(db, "policies", (all) => all.where("state", "=", state))
    if (state === "shadow") return { value: row?.digest, differing: undefined }
    const [last] = await readEvents(db, { type: "policy.activated", order: "newest", limit: 1 })
    const isLast = last?.data["subject"] === (row && subjectOf(row.digest))
    return readingOf(row?.digest, !isLast, { table: "policies", id: row?.digest ?? "active" })
  })
}

/**
 * Moves a version to a state and renews its row's MAC. Without `activatedAt` the earlier time stays.
 *
 * @throws {IntegrityError} `row_untrusted`.
 */
export async function setState(
  db: Kysely<Tables>,
  digest: string,
  state: PolicyState,
  activatedAt?: Date,
): Promise<void> {
  await updateSealed(
    db,
    "policies",
    (all) => all.where("digest", "=", digest),
    compact({
      state,
      activated_at: activatedAt,
    }),
  )
}

/** One time that a version became active. */
export interface Activation {
  readonly digest: string
  readonly replaced: string | undefined
  readonly how: ActivatedHow
  readonly approval?: { readonly approvalId: string; readonly requestedBy: string; readonly approvedBy: string }
  readonly at: Date
}

/**
 * Inserts a row of `policy_activations` with its MAC. The database numbers the rows, and that number decides their
 * order.
 */
export async function addActivation(db: Kysely<Tables>, activation: Activation): Promise<void> {
  const { digest, replaced, how, approval, at } = activation
  await insertSealed(db, "policy_activations", {
    digest,
    how,
    at,
    replaced: replaced ?? null,
    approval_id: approval?.approvalId ?? null,
    requested_by: approval?.requestedBy ?? null,
    approved_by: approval?.approvedBy ?? null,
  })
}

/** When a version became active, newest first, at most 50. */
export async function activationsOf(db: Kysely<Tables>, digest: string): Promise<readonly Activation[]> {
  const rows = await readSealedGood(db, "policy_activations", (all) =>
    all.where("digest", "=", digest).orderBy("seq", "desc").limit(HISTORY_LIMIT),
  )
  return rows.map(toActivation)
}

/** The version that the active one replaced. */
export async function previousOf(db: Kysely<Tables>, active: string): Promise<string | undefined> {
  const row = await readOneSealed(db, "policy_activations", (all) =>
    all.where("digest", "=", active).orderBy("seq", "desc").limit(1),
  )
  return row?.replaced ?? undefined
}

function toVersion(row: SealedRow<"policies">): PolicyVersion {
  return {
    digest: row.digest,
    policyDigest: row.policy_digest,
    name: row.name,
    version: row.version,
    state: row.state,
    madeBy: row.made_by,
    madeAt: row.made_at,
    activatedAt: row.activated_at ?? undefined,
    ruleCount: row.rule_count,
    testCount: row.test_count,
  }
}

function toActivation(row: SealedRow<"policy_activations">): Activation {
  const { digest, replaced, how, approval_id: approvalId, requested_by: requestedBy, approved_by: approvedBy, at } = row
  const isApproval = approvalId !== null && requestedBy !== null && approvedBy !== null
  return {
    digest,
    how,
    at,
    replaced: replaced ?? undefined,
    ...compact({ approval: isApproval ? { approvalId, requestedBy, approvedBy } : undefined }),
  }
}
