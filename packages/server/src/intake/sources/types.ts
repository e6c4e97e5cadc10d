/**
 * Sources: workspaces and services that push findings, each known by a public key that an administrator enrolled.
 * @module
 */
import type { EnrolSourceBody, SourceDocument } from "@nightlight/contract/server"
import type { Verifier } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Actor, PersonActor } from "../../platform/auth/actor.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"

/** A source that may push now. */
export interface LiveSource {
  /** `source-<uuid>`. */
  readonly id: string
  /** Verifies the source's own key. */
  readonly verifier: Verifier
  /** Whether a parsed document of this format is signed by an earlier key of the source. */
  readonly signedBefore: (document: unknown, format: string) => boolean
  /** Whether its keys may name the account that an item belongs to. */
  readonly namesAccounts: boolean
}

/** Senders of findings, each known by an Ed25519 public key. */
export interface Sources {
  /**
   * Enrols a public key.
   *
   * @throws {RequestError} `key_malformed` if it is no Ed25519 public key; `state_conflict` if a live source has it.
   */
  enrol(actor: PersonActor, body: EnrolSourceBody): Promise<SourceDocument>
  /** Ends a source: its keys can no longer push. Repeating it changes nothing. @throws `not_found`. */
  revoke(actor: PersonActor, source: string): Promise<SourceDocument>
  /** As {@link revoke}, in the caller's transaction; `false` if there is no live one. */
  revokeIn(tx: EventTransaction, source: string): Promise<boolean>
  /** As {@link revokeIn}, unless the source has this key now. */
  revokeUnlessIn(tx: EventTransaction, source: string, keyId: string): Promise<boolean>
  /**
   * Replaces a source's key.
   *
   * @param handover - Signed by both keys, and checked.
   * @returns When.
   * @throws {RequestError} `state_conflict` if the source has another key by now or was revoked, if the new key is or
   *   was a source's own, or if the source's key was replaced too often.
   */
  handOver(
    tx: EventTransaction,
    handover: { readonly source: string; readonly from: Verifier; readonly to: Verifier; readonly publicKey: string },
  ): Promise<Date>
  /** Whether there is a live source of this id. */
  isLive(source: string): Promise<boolean>
  /** Names of sources' datasets in reports, by source; only of those that were given a name, ended sources included. */
  datasetNames(db: Kysely<Tables>): Promise<ReadonlyMap<string, string>>
  /** All sources, oldest first. */
  list(): Promise<readonly SourceDocument[]>
  /**
   * The source of a key.
   *
   * @throws {RequestError} `forbidden` if the key is bound to none, or to one that was revoked.
   */
  ofKey(actor: Actor): Promise<LiveSource>
}
