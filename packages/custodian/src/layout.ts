/**
 * Where everything lies in the custodian's folder.
 * @module
 */
import { join } from "node:path"

/** Absolute paths of the parts. */
export interface CustodianLayout {
  readonly root: string
  readonly config: string
  /** Private half that opens evidence, encrypted under the passphrase; made here unless one was brought. */
  readonly identity: string
  /** Signs checkpoints of the server's log. */
  readonly checkpointKey: string
  /** Signs the custodian's own journal and the enrolments. */
  readonly journalKey: string
  /** Makes the digests that stand in the journal in place of true ones. */
  readonly digestKey: string
  readonly journal: string
  readonly enrolments: string
  /** Signed checkpoints of the server's log. */
  readonly checkpoints: string
  /** Receipts of finished reports, each sealed to the custodian's own key. */
  readonly receipts: string
  /** Held while a custodian runs on the folder. */
  readonly lock: string
}

/** Names the parts of a custodian's folder. */
export function custodianLayout(root: string): CustodianLayout {
  const at = (...parts: string[]) => join(root, ...parts)
  return {
    root,
    config: at("custodian.yaml"),
    identity: at("identity.age"),
    checkpointKey: at("keys", "checkpoint.pem"),
    journalKey: at("keys", "journal.pem"),
    digestKey: at("keys", "digest.key"),
    journal: at("journal"),
    enrolments: at("enrolments.json"),
    checkpoints: at("checkpoints.ndjson"),
    receipts: at("receipts"),
    lock: at(".running"),
  }
}

/** Which of NCMEC's hosts. */
export type ReportEnvironment = "test" | "production"

/** File that holds the credentials for a host, sealed to the custodian's own key. */
export function credentialsPath({ root }: CustodianLayout, environment: ReportEnvironment): string {
  return join(root, `credentials-${environment}.age`)
}
