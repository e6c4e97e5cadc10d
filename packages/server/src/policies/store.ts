/**
 * SQL of versions and of when each was active.
 * @module
 */
import type { Kysely, Selectable, Transaction } from "kysely"
import { lockUntilEnd } from "../db/advisory-lock.ts"
import type { Tables } from "../db/tables.ts"
import type { PolicyTables } from "./tables.ts"
import type { ActivatedHow, PolicyState, PolicyVersion, PolicyWords } from "./types.ts"

const LIST_LIMIT = 500
const HISTORY_LIMIT = 50

/** Holds off every other change of policies until this transaction ends. */
export async function lockPolicies(trx: Transaction<Tables>): Promise<void> {
  await lockUntilEnd(trx, "policies")
}

const WITHOUT_WORDS = [
  ...(["digest", "policy_digest", "name", "version", "state", "made_by", "made_at", "activated_at"] as const),
  ...(["rule_count", "test_count"] as const),
] as const

/** Versions, newest first, at most 500. */
export async function listVersions(db: Kysely<Tables>): Promise<readonly PolicyVersion[]> {
  const rows = await db
    .selectFrom("policies")
    .select(WITHOUT_WORDS)
    .orderBy("made_at", "desc")
    .orderBy("digest")
    .limit(LIST_LIMIT)
    .execute()
  return rows.map(toVersion)
}

/** One version. */
export async function findVersion(db: Kysely<Tables>, digest: string): Promise<PolicyVersion | undefined> {
  const row = await db.selectFrom("policies").select(WITHOUT_WORDS).where("digest", "=", digest).executeTakeFirst()
  return row && toVersion(row)
}

/** One version's words. */
export async function readWords(db: Kysely<Tables>, digest: string): Promise<PolicyWords | undefined> {
  const row = await db
    .selectFrom("policies")
    .select(["text", "tests_text"])
    .where("digest", "=", digest)
    .executeTakeFirst()
  return row && { text: row.text, ...(row.tests_text !== null && { testsText: row.tests_text }) }
}

/** Adds a version. */
export async function insertVersion(db: Kysely<Tables>, version: PolicyVersion, words: PolicyWords): Promise<void> {
  await db
    .insertInto("policies")
    .values({
      digest: version.digest,
      policy_digest: version.policyDigest,
      name: version.name,
      version: version.version,
      text: words.text,
      tests_text: words.testsText ?? null,
      rule_count: version.ruleCount,
      test_count: version.testCount,
      state: version.state,
      made_by: version.madeBy,
      made_at: version.madeAt,
      activated_at: version.activatedAt ?? null,
    })
    .execute()
}

/** Digest of the version in one state; there is at most one that is active, and one in shadow. */
export async function digestIn(db: Kysely<Tables>, state: "active" | "shadow"): Promise<string | undefined> {
  const row = await db.selectFrom("policies").select("digest").where("state", "=", state).executeTakeFirst()
  return row?.digest
}

/** Writes how a version stands. */
export async function setState(
  db: Kysely<Tables>,
  digest: string,
  state: PolicyState,
  activatedAt?: Date,
): Promise<void> {
  await db
    .updateTable("policies")
    .set({ state, ...(activatedAt !== undefined && { activated_at: activatedAt }) })
    .where("digest", "=", digest)
    .execute()
}

/** One time that a version became active. */
export interface Activation {
  readonly digest: string
  readonly replaced: string | undefined
  readonly how: ActivatedHow
  readonly act?: { readonly actId: string; readonly askedBy: string; readonly secondedBy: string }
  readonly at: Date
}

/** Notes that a version became active. */
export async function addActivation(db: Kysely<Tables>, activation: Activation): Promise<void> {
  const { digest, replaced, how, act, at } = activation
  await db
    .insertInto("policy_activations")
    .values({
      ...{ digest, how, at, replaced: replaced ?? null },
      ...{ act_id: act?.actId ?? null, asked_by: act?.askedBy ?? null, seconded_by: act?.secondedBy ?? null },
    })
    .execute()
}

/** When a version became active, newest first, at most 50. */
export async function activationsOf(db: Kysely<Tables>, digest: string): Promise<readonly Activation[]> {
  const rows = await db
    .selectFrom("policy_activations")
    .selectAll()
    .where("digest", "=", digest)
    .orderBy("seq", "desc")
    .limit(HISTORY_LIMIT)
    .execute()
  return rows.map(toActivation)
}

/** The version that the active one took the place of. */
export async function previousOf(db: Kysely<Tables>, active: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("policy_activations")
    .select("replaced")
    .where("digest", "=", active)
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst()
  return row?.replaced ?? undefined
}

type VersionRow = Pick<Selectable<PolicyTables["policies"]>, (typeof WITHOUT_WORDS)[number]>

function toVersion(row: VersionRow): PolicyVersion {
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

function toActivation(row: Selectable<PolicyTables["policy_activations"]>): Activation {
  const { digest, replaced, how, act_id: actId, asked_by: askedBy, seconded_by: secondedBy, at } = row
  const isAct = actId !== null && askedBy !== null && secondedBy !== null
  return {
    ...{ digest, how, at, replaced: replaced ?? undefined },
    ...(isAct && { act: { actId, askedBy, secondedBy } }),
  }
}
