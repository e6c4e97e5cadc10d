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
  /** Of the source's own key. */
  readonly verifier: Verifier
  /** Whether a parsed document of this format is signed by a key that was the source's own before. */
  readonly signedBefore: (document: unknown, format: string) => boolean
  /** Whether its keys may name the account that an item belongs to. */
  readonly namesAccounts: boolean
}

/** Enrols, revokes and items sources. */
export interface Sources {
  /**
   * Enrols a public key.
   *
   * @throws {RequestError} `key_malformed` if it is no Ed25519 public key; `state_conflict` if a live source has it.
   */
  enrol(actor: PersonActor, body: EnrolSourceBody): Promise<SourceDocument>
  /** Ends a source: its keys push nothing from then on. Repeating it changes nothing. @throws `not_found`. */
  revoke(actor: PersonActor, source: string): Promise<SourceDocument>
  /** The same in the caller's transaction; `false` if there is no live one. */
  revokeIn(tx: EventTransaction, source: string): Promise<boolean>
  /** The same, unless the source has this key now. */
  revokeUnlessIn(tx: EventTransaction, source: string, keyId: string): Promise<boolean>
  /**
   * Lets another key take the place of a source's own.
   *
   * @param handover - Signed by both, and checked.
   * @returns When.
   * @throws {RequestError} `state_conflict` if the source has another key by now or was revoked, if the key that comes is
   *   or was a source's own, or if the source's key was turned too often.
   */
  handOver(
    tx: EventTransaction,
    handover: { readonly source: string; readonly from: Verifier; readonly to: Verifier; readonly publicKey: string },
  ): Promise<Date>
  /** Whether there is a live source of this id. */
  isLive(source: string): Promise<boolean>
  /** What reports call the datasets of sources, by source; of those that were given a name, ended ones too. */
  datasetNames(db: Kysely<Tables>): Promise<ReadonlyMap<string, string>>
  /** All sources, oldest first. */
  list(): Promise<readonly SourceDocument[]>
  /**
   * The source that a key speaks for.
   *
   * @throws {RequestError} `forbidden` if the key is bound to none, or to one that was revoked.
   */
  ofKey(actor: Actor): Promise<LiveSource>
}
