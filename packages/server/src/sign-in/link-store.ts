/**
 * SQL of links: set-up, invitations, resets.
 * @module
 */
import type { Kysely, Selectable } from "kysely"
import type { PersonId } from "../auth/actor.ts"
import type { Tables } from "../db/tables.ts"
import type { SignInTables } from "./tables.ts"
import type { LinkKind } from "./types.ts"

/** How far a link has come: opened once, and then done by the token that opening answered. */
export type LinkStage = "sent" | "opened" | "done" | "void"

/** A link. */
export interface Link {
  /** `link-<uuid>`. */
  readonly id: string
  readonly kind: LinkKind
  /** Of whom; `undefined` for set-up, which makes them. */
  readonly personId: PersonId | undefined
  readonly stage: LinkStage
  readonly draft: Buffer | undefined
  readonly expiresAt: Date
}

/** Adds a link. */
export async function insertLink(
  db: Kysely<Tables>,
  link: Link,
  made: { readonly tokenSha256: string; readonly by: string; readonly at: Date },
): Promise<void> {
  await db
    .insertInto("sign_in_links")
    .values({
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
    .execute()
}

/** Finds a link by its token, at a stage, not run out. `lock`: nobody else uses it until the transaction ends. */
export async function findLink(
  db: Kysely<Tables>,
  { tokenSha256, stage, now }: { readonly tokenSha256: string; readonly stage: LinkStage; readonly now: Date },
  lock = false,
): Promise<Link | undefined> {
  const select = db
    .selectFrom("sign_in_links")
    .selectAll()
    .where("token_sha256", "=", tokenSha256)
    .where("stage", "=", stage)
    .where("expires_at", ">", now)
  const row = await (lock ? select.forUpdate() : select).executeTakeFirst()
  return row === undefined ? undefined : toLink(row)
}

/** Opens a link: from now on another token takes the next step. */
export async function openLink(
  db: Kysely<Tables>,
  id: string,
  opened: { readonly tokenSha256: string; readonly draft: Buffer; readonly expiresAt: Date },
): Promise<void> {
  const { tokenSha256, draft, expiresAt } = opened
  await db
    .updateTable("sign_in_links")
    .set({ stage: "opened", token_sha256: tokenSha256, draft, expires_at: expiresAt })
    .where("id", "=", id)
    .execute()
}

/** Ends a link; what was given is forgotten. */
export async function endLink(db: Kysely<Tables>, id: string): Promise<void> {
  await db.updateTable("sign_in_links").set({ stage: "done", draft: null }).where("id", "=", id).execute()
}

/** Makes earlier links void: of one person, or those of set-up. */
export async function voidLinks(db: Kysely<Tables>, of: { readonly personId: string } | "setup"): Promise<void> {
  const update = db
    .updateTable("sign_in_links")
    .set({ stage: "void", draft: null })
    .where("stage", "in", ["sent", "opened"])
  await (of === "setup" ? update.where("kind", "=", "setup") : update.where("person_id", "=", of.personId)).execute()
}

/** Deletes links that ran out before a moment. */
export async function sweepLinks(db: Kysely<Tables>, before: Date): Promise<void> {
  await db.deleteFrom("sign_in_links").where("expires_at", "<", before).execute()
}

function toLink(row: Selectable<SignInTables["sign_in_links"]>): Link {
  return {
    id: row.id,
    kind: row.kind as LinkKind,
    personId: (row.person_id ?? undefined) as PersonId | undefined,
    stage: row.stage as LinkStage,
    draft: row.draft ?? undefined,
    expiresAt: row.expires_at,
  }
}
