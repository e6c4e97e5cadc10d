/**
 * SQL of links: set-up, invitations, resets.
 * @module
 */
import type { Kysely } from "kysely"
import type { PersonId } from "../../../platform/auth/actor.ts"
import { ABSENT, readConsistentlyOrThrow, readingOf } from "../../../platform/authority/read-consistently.ts"
import { insertSealed, readOneSealed, type SealedRow, updateSealed } from "../../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { readPowerEvents } from "../../../platform/events/power.ts"
import type { LinkKind } from "../types.ts"

/** State of a link: opened once, then done by the token that opening it returned. */
export type LinkStage = "sent" | "opened" | "done" | "void"

/** A link for set-up, invitation or reset, without its token. */
export interface Link {
  /** `link-<uuid>`. */
  readonly id: string
  readonly kind: LinkKind
  /** `undefined` for the set-up, which makes its person. */
  readonly personId: PersonId | undefined
  readonly stage: LinkStage
  readonly draft: Buffer | undefined
  readonly expiresAt: Date
}

/** Inserts a link with the digest of its token and its MAC. */
export async function insertLink(
  db: Kysely<Tables>,
  link: Link,
  made: { readonly tokenSha256: string; readonly by: string; readonly at: Date },
): Promise<void> {
  await insertSealed(db, "sign_in_links", {
    id: link.id,
    kind: link.kind,
    person_id: link.personId ?? null,
    stage: link.stage,
    token_sha256: made.tokenSha256,
    draft: null,
    made_at: made.at,
    made_by: made.by,
    expires_at: link.expiresAt,
  })
}

/**
 * Finds a link by its token, at a stage and not expired. With `lock`, nobody else uses it until the transaction ends.
 *
 * @throws {IntegrityError} `row_untrusted` if the row was altered, or the log says that the link was used or that there
 *   is a later one.
 */
export function findLink(
  db: Kysely<Tables>,
  { tokenSha256, stage, now }: { readonly tokenSha256: string; readonly stage: LinkStage; readonly now: Date },
  lock = false,
): Promise<Link | undefined> {
  return readConsistentlyOrThrow(db, async () => {
    const row = await readOneSealed(db, "sign_in_links", (all) => {
      const one = all.where("token_sha256", "=", tokenSha256).where("stage", "=", stage).where("expires_at", ">", now)
      return lock ? one.forUpdate() : one
    })
    if (row === undefined) return ABSENT
    const logged = (await readPowerEvents(db, row.person_id ?? row.id)).filter(({ type }) => type.startsWith("link."))
    const isOver =
      logged.findLast(({ type }) => type === "link.made")?.data["link"] !== row.id ||
      (stage === "sent" && logged.some(({ type, data }) => type === "link.opened" && data["link"] === row.id))
    return readingOf(toLink(row), isOver, { table: "sign_in_links", id: row.id })
  })
}

/** Opens a link: from now on another token leads to the next step. */
export async function openLink(
  db: Kysely<Tables>,
  id: string,
  opened: { readonly tokenSha256: string; readonly draft: Buffer; readonly expiresAt: Date },
): Promise<void> {
  const { tokenSha256, draft, expiresAt } = opened
  await updateSealed(db, "sign_in_links", (all) => all.where("id", "=", id), {
    stage: "opened",
    token_sha256: tokenSha256,
    draft,
    expires_at: expiresAt,
  })
}

/** Ends a link and deletes what was entered. */
export async function endLink(db: Kysely<Tables>, id: string): Promise<void> {
  await updateSealed(db, "sign_in_links", (all) => all.where("id", "=", id), { stage: "done", draft: null })
}

/** Makes earlier links void: those of one person, or those of the set-up. */
export async function voidLinks(db: Kysely<Tables>, of: { readonly personId: string } | "setup"): Promise<void> {
  await updateSealed(
    db,
    "sign_in_links",
    (all) => {
      const pending = all.where("stage", "in", ["sent", "opened"]).orderBy("id")
      return of === "setup" ? pending.where("kind", "=", "setup") : pending.where("person_id", "=", of.personId)
    },
    { stage: "void", draft: null },
    { leaveUntrusted: true },
  )
}

/** Deletes rows of `sign_in_links` that expired before a time. Their events stay. */
export async function sweepLinks(db: Kysely<Tables>, before: Date): Promise<void> {
  await db.deleteFrom("sign_in_links").where("expires_at", "<", before).execute()
}

function toLink(row: SealedRow<"sign_in_links">): Link {
  return {
    id: row.id,
    kind: row.kind as LinkKind,
    personId: (row.person_id ?? undefined) as PersonId | undefined,
    stage: row.stage as LinkStage,
    draft: row.draft ?? undefined,
    expiresAt: row.expires_at,
  }
}
