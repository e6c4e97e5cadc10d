/**
 * Paths in the custodian's folder.
 * @module
 */
import { join } from "node:path"

/** Absolute paths of the parts. */
export interface CustodianLayout {
  readonly root: string
  readonly config: string
  /** Private half that opens evidence, encrypted under the passphrase; made here unless one was given. */
  readonly identity: string
  /** Signs checkpoints of the server's log. */
  readonly checkpointKey: string
  /** Signs the custodian's own journal and the enrolments. */
  readonly journalKey: string
  /** Makes the digests that are in the journal in place of true ones. */
  readonly digestKey: string
  readonly journal: string
  readonly enrolments: string
  /** Signed checkpoints of the server's log. */
  readonly checkpoints: string
  /** Receipts of finished reports, each sealed to the custodian's own key. */
  readonly receipts: string
  /** Locked while a custodian runs on the folder. */
  readonly lock: string
}

/** Paths of a custodian's folder. */
export function custodianLayout(root: string): CustodianLayout {
  const pathOf = (...parts: string[]) => join(root, ...parts)
  return {
    root,
    config: pathOf("custodian.yaml"),
    identity: pathOf("identity.age"),
    checkpointKey: pathOf("keys", "checkpoint.pem"),
    journalKey: pathOf("keys", "journal.pem"),
    digestKey: pathOf("keys", "digest.key"),
    journal: pathOf("journal"),
    enrolments: pathOf("enrolments.json"),
    checkpoints: pathOf("checkpoints.ndjson"),
    receipts: pathOf("receipts"),
    lock: pathOf(".running"),
  }
}

/** One of NCMEC's hosts. */
export type ReportEnvironment = "test" | "production"

/** File that holds the credentials for a host, sealed to the custodian's own key. */
export function credentialsPath({ root }: CustodianLayout, environment: ReportEnvironment): string {
  return join(root, `credentials-${environment}.age`)
}
