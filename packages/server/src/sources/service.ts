import { randomUUID } from "node:crypto"
import type { SourceDocument } from "@nightlight/contract/server"
import { hasCode, RequestError, type Verifier } from "@nightlight/core"
import type { AuditEvent } from "@nightlight/vault/audit"
import { toVerifier } from "@nightlight/vault/seal"
import { absentIfUntrusted } from "../authority/sealed-rows.ts"
import { type Change, type ChangeDeps, change } from "../events/change.ts"
import { allSources, endSource, findLiveEnrolment, findSource, insertSource, type SourceRow } from "./store.ts"
import type { Sources } from "./types.ts"

/** What {@link createSources} takes. */
export interface SourceDeps extends ChangeDeps {
  /** Whether a source waits for an administrator since the database was restored; none does unless given. */
  readonly isSuspended?: (id: string) => Promise<boolean>
}

/** Makes the register of sources. */
export function createSources(deps: SourceDeps): Sources {
  const { db, clock, isSuspended = async () => false } = deps
  const revokeIn = async ({ trx, record }: Change, source: string): Promise<boolean> => {
    const isEnded = await endSource(trx, source, clock.now())
    const enrolled = await findLiveEnrolment(trx, source)
    // What the log knows as live is revoked by the log, whether or not its row is there: it may come back.
    if (!isEnded && enrolled === undefined) return false
    record({ type: "source.revoked", subject: source, data: { key: enrolled?.data["key"] } })
    return true
  }
  const isLive = async (row: SourceRow | undefined): Promise<boolean> =>
    row !== undefined && row.revoked_at === null && !(await isSuspended(row.source_id))
  return {
    enrol: async (actor, { name, publicKey, namesAccounts, datasetName }) => {
      const verifier = readKey(publicKey)
      const row: SourceRow = {
        source_id: `source-${randomUUID()}`,
        name,
        key_id: verifier.keyId,
        public_key: publicKey,
        names_accounts: namesAccounts,
        dataset_name: datasetName ?? null,
        enrolled_by: actor.id,
        enrolled_at: clock.now(),
        revoked_at: null,
      }
      return change(deps, actor.id, async ({ trx, record }) => {
        await insertSource(trx, row).catch((error: unknown) => {
          if (!hasCode(error, "state_conflict")) throw error
          throw new RequestError("state_conflict", "a live source has this key already")
        })
        record({ type: "source.enrolled", subject: row.source_id, data: { key: row.key_id, namesAccounts } })
        return toDocument(row)
      })
    },
    revoke: (actor, source) =>
      change(deps, actor.id, async (step) => {
        const enrolled = await findLiveEnrolment(step.trx, source)
        const isRevoked = await revokeIn(step, source)
        const row = await absentIfUntrusted(findSource(step.trx, source))
        if (row !== undefined) return toDocument(row)
        if (!isRevoked || enrolled === undefined) throw new RequestError("not_found", "there is no such source")
        return toLoggedDocument(source, enrolled, clock.now())
      }),
    revokeIn,
    isLive: async (source) => isLive(await absentIfUntrusted(findSource(db, source))),
    datasetNames: async (within) =>
      new Map(
        (await allSources(within)).flatMap((row) =>
          row.dataset_name === null ? [] : [[row.source_id, row.dataset_name]],
        ),
      ),
    list: async () => (await allSources(db)).map(toDocument),
    ofKey: async (actor) => {
      const bound = actor.kind === "service" ? actor.source : undefined
      const row = bound === undefined ? undefined : await absentIfUntrusted(findSource(db, bound))
      if (row === undefined || !(await isLive(row))) {
        throw new RequestError("forbidden", "this key speaks for no enrolled source", {
          hint: "An administrator enrols a source's public key, and makes keys that are bound to it.",
        })
      }
      return { id: row.source_id, verifier: toVerifier(row.public_key), namesAccounts: row.names_accounts }
    },
  }
}

function readKey(publicKey: string): Verifier {
  try {
    return toVerifier(publicKey)
  } catch {
    throw new RequestError("key_malformed", "not an Ed25519 public key in PEM", {
      hint: "`nightlight source show` prints it in the workspace that will push.",
    })
  }
}

/** A source whose row is away, as far as the log knows it; its name is its id. */
function toLoggedDocument(source: string, { actor, at, data }: AuditEvent, revokedAt: Date): SourceDocument {
  return {
    source,
    name: source,
    keyId: typeof data["key"] === "string" ? data["key"] : "",
    namesAccounts: data["namesAccounts"] === true,
    enrolledBy: actor,
    enrolledAt: at,
    revokedAt: revokedAt.toISOString(),
  }
}

function toDocument(row: SourceRow): SourceDocument {
  return {
    source: row.source_id,
    name: row.name,
    keyId: row.key_id,
    namesAccounts: row.names_accounts,
    ...(row.dataset_name === null ? {} : { datasetName: row.dataset_name }),
    enrolledBy: row.enrolled_by,
    enrolledAt: row.enrolled_at.toISOString(),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at.toISOString() }),
  }
}
