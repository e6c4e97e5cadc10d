/**
 * The plan of a scan that many tasks share: which shards there are, and which task screens each. It is signed by the
 * workspace, and named by its digest.
 * @module
 */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { DependencyError, hasCode, IntegrityError, RequestError, type Signer, type Verifier } from "@nightlight/core"
import { documentText, parseDocument, signDocument, writeFileAtomic } from "@nightlight/durable"
import { z } from "zod"

const FORMAT = "nightlight-plan/1"

/** Most ranks of a plan. */
export const MAX_WORLD = 100_000

/** A shard of a plan. It names no item of a loose shard. */
const PlannedShard = z.strictObject({
  path: z.string(),
  kind: z.string(),
  sizeBytes: z.int().nonnegative(),
  /** SHA-256 over names, sizes and times of its files: a source that changed is noticed. */
  listingDigest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Absent for tables about other shards, which the merge writes. */
  rank: z.int().nonnegative().optional(),
})

/** A plan that tasks share. */
export const TaskPlan = z.strictObject({
  format: z.literal(FORMAT),
  /** The scan of the workspace that holds the results, such as `s-000001`. */
  scan: z.string().regex(/^s-\d{6}$/),
  /** How many ranks share the shards. */
  world: z.int().min(1).max(MAX_WORLD),
  root: z.string(),
  /** Folder of the clean copy. */
  out: z.string().optional(),
  shards: z.array(PlannedShard),
  plannedAt: z.iso.datetime(),
  keyId: z.string(),
  signature: z.string(),
})
export type TaskPlan = z.infer<typeof TaskPlan>

/** A plan that was read, with its digest. */
export interface SealedPlan {
  readonly plan: TaskPlan
  /** Lower-case hexadecimal SHA-256 of the file. */
  readonly digest: string
}

/** Signs a plan and writes it. @throws {DependencyError} `disk_full`, `write_failed`. */
export async function writeTaskPlan(
  path: string,
  plan: Omit<TaskPlan, "format" | "keyId" | "signature">,
  signer: Signer,
): Promise<SealedPlan> {
  const signed = TaskPlan.parse(
    signDocument({ format: FORMAT, ...plan, shards: plan.shards.map((shard) => ({ ...shard })) }, signer),
  )
  const text = documentText(signed)
  await writeFileAtomic(path, text, 0o600)
  return { plan: signed, digest: digestOf(text) }
}

/**
 * Reads a plan.
 *
 * @throws {RequestError} `not_found`; `input_invalid` for a folder.
 * @throws {DependencyError} `source_unreadable`.
 * @throws {IntegrityError} `receipt_untrusted` if this workspace did not sign exactly this text.
 */
export async function readTaskPlan(path: string, verifier: Verifier): Promise<SealedPlan> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) throw new RequestError("not_found", `there is no plan ${path}`)
    if (hasCode(error, "EISDIR"))
      throw new RequestError("input_invalid", `expected a file as plan: ${path} is a folder`)
    throw new DependencyError("source_unreadable", "the plan cannot be read", { cause: error })
  })
  const plan = TaskPlan.safeParse(parseDocument(text, FORMAT, verifier))
  if (plan.success) return { plan: plan.data, digest: digestOf(text) }
  throw new IntegrityError("receipt_untrusted", "the plan is not one that this workspace signed", {
    hint: "Make it again with nightlight plan, and start every task with the same workspace.",
  })
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}
