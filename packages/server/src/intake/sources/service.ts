import { randomUUID } from "node:crypto"
import type { SourceDocument } from "@nightlight/contract/server"
import { compact, hasCode, RequestError, type Verifier } from "@nightlight/core"
import { checkDocument } from "@nightlight/durable"
import { toVerifier } from "@nightlight/vault/seal"
import { absentIfUntrusted } from "../../platform/authority/sealed-rows.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../platform/events/transact.ts"
import {
  allSources,
  endSource,
  findLiveEnrolment,
  findSource,
  insertSource,
  type LoggedSource,
  replaceSourceKey,
  type SourceRow,
} from "./store.ts"
import type { Sources } from "./types.ts"

/** Dependencies of {@link createSources}. */
export interface SourceDeps extends TransactDeps {
  /** Whether a source waits for an administrator since the database was restored; none does by default. */
  readonly isSuspended?: (id: string) => Promise<boolean>
}

/** A source whose key was replaced more often than this must be enrolled anew. */
const MAX_REPLACED = 100

/** Creates the service. The log decides which sources are live, even if a row is missing. */
export function createSources(deps: SourceDeps): Sources {
  const { db, clock, isSuspended = async () => false } = deps
  const revokeIn = async ({ trx, record }: EventTransaction, source: string): Promise<boolean> => {
    const isEnded = await endSource(trx, source, clock.now())
    const enrolled = await findLiveEnrolment(trx, source)
    // The log decides which sources are live and revoked, even if the row is missing: it may come back.
    if (!isEnded && enrolled === undefined) return false
    record({ type: "source.revoked", subject: source, data: { key: enrolled?.keyId } })
    return true
  }
  /** Refuses a key that is or was any source's own, and unless `allowsEnded` that of a revoked source. */
  const assertUnknown = async (tx: EventTransaction, { keyId }: Verifier, allowsEnded: boolean): Promise<void> => {
    for (const { key_id, revoked_at, replaced_keys } of await allSources(tx.trx)) {
      const isKnown = key_id === keyId && (revoked_at === null || !allowsEnded)
      if (!isKnown && !(replaced_keys ?? []).some((publicKey) => toVerifier(publicKey).keyId === keyId)) continue
      throw new RequestError("state_conflict", "a source has, or had, this key already")
    }
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
        replaced_keys: null,
        names_accounts: namesAccounts,
        dataset_name: datasetName ?? null,
        enrolled_by: actor.id,
        enrolled_at: clock.now(),
        revoked_at: null,
      }
      return transact(deps, actor.id, async (tx) => {
        const { trx, record } = tx
        await assertUnknown(tx, verifier, true)
        await insertSource(trx, row).catch((error: unknown) => {
          if (!hasCode(error, "state_conflict")) throw error
          throw new RequestError("state_conflict", "a live source has this key already")
        })
        record({ type: "source.enrolled", subject: row.source_id, data: { key: row.key_id, namesAccounts } })
        return toDocument(row)
      })
    },
    revoke: (actor, source) =>
      transact(deps, actor.id, async (tx) => {
        const enrolled = await findLiveEnrolment(tx.trx, source)
        const isRevoked = await revokeIn(tx, source)
        const row = await absentIfUntrusted(findSource(tx.trx, source))
        if (row !== undefined) return toDocument(row)
        if (!isRevoked || enrolled === undefined) throw new RequestError("not_found", "there is no such source")
        return toLoggedDocument(source, enrolled, clock.now())
      }),
    revokeIn,
    revokeUnlessIn: async (tx, source, keyId) =>
      (await findLiveEnrolment(tx.trx, source))?.keyId === keyId ? false : revokeIn(tx, source),
    handOver: async (tx, { source, from, to, publicKey }) => {
      const { trx, record } = tx
      const row = await findSource(trx, source)
      if ((row?.replaced_keys ?? []).length >= MAX_REPLACED) {
        throw new RequestError("state_conflict", "this source's key was replaced too often: enrol it anew")
      }
      await assertUnknown(tx, to, false)
      const at = clock.now()
      const isReplaced = await replaceSourceKey(trx, {
        source,
        fromKeyId: from.keyId,
        keyId: to.keyId,
        publicKey,
      }).catch((error: unknown) => {
        if (!hasCode(error, "state_conflict")) throw error
        throw new RequestError("state_conflict", "a source has, or had, this key already")
      })
      if (!isReplaced) throw new RequestError("state_conflict", "the source has another key by now, or was revoked")
      record({ type: "source.rotated", subject: source, data: { key: to.keyId, replaces: from.keyId } })
      return at
    },
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
        throw new RequestError("forbidden", "this key belongs to no enrolled source", {
          hint: "An administrator enrols a source's public key, and makes keys that are bound to it.",
        })
      }
      return {
        id: row.source_id,
        verifier: toVerifier(row.public_key),
        signedBefore: (document, format) =>
          (row.replaced_keys ?? []).some((key) => checkDocument(document, format, toVerifier(key)) !== undefined),
        namesAccounts: row.names_accounts,
      }
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

/** A source whose row is missing, as far as the log knows it; its name is its id. */
function toLoggedDocument(source: string, { enrolled, keyId }: LoggedSource, revokedAt: Date): SourceDocument {
  const { actor, at, data } = enrolled
  return {
    source,
    name: source,
    keyId,
    namesAccounts: data["namesAccounts"] === true,
    enrolledBy: actor,
    enrolledAt: at,
    revokedAt: revokedAt.toISOString(),
  }
}

function toDocument(row: SourceRow): SourceDocument {
  return compact({
    source: row.source_id,
    name: row.name,
    keyId: row.key_id,
    namesAccounts: row.names_accounts,
    datasetName: row.dataset_name === null ? undefined : row.dataset_name,
    enrolledBy: row.enrolled_by,
    enrolledAt: row.enrolled_at.toISOString(),
    revokedAt: row.revoked_at === null ? undefined : row.revoked_at.toISOString(),
  })
}
