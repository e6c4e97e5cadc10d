import type { Clock, Signer, Verifier } from "@nightlight/core"
import type { FalsePositiveLookup, LoadedIndex, Policy } from "@nightlight/screening"
import type { KeyedDigest, Manifest } from "@nightlight/vault"
import type { AuditData, AuditInput } from "@nightlight/vault/audit"
import type { WorkspaceConfig } from "./config.ts"
import type { WorkspaceLayout } from "./layout.ts"

/** An open workspace. It holds the signing and the digest key, and nothing that opens evidence. */
export interface Workspace {
  readonly layout: WorkspaceLayout
  readonly config: WorkspaceConfig
  readonly policyPath: string
  readonly signer: Signer
  readonly verifier: Verifier
  readonly keyed: KeyedDigest
  readonly manifest: Manifest
  readonly clock: Clock
  /** Opens an index, which the caller closes; the newest unless a version is given. */
  openIndex(version?: number): Promise<LoadedIndex>
  /** Updates the index to the current lists and test cards; returns its version. */
  refreshIndex(): Promise<number>
  /** Reads a policy file; the workspace's own unless a path is given. */
  readPolicy(path?: string): Promise<Policy>
  readFalsePositives(): Promise<FalsePositiveLookup>
  /**
   * Writes an event to the log, with a checkpoint: when this returns, both are on disk.
   *
   * @throws {IntegrityError} `audit_chain_broken`; {DependencyError} `disk_full`, `write_failed`, `locked`.
   */
  record(type: string, data: AuditData): Promise<void>
  /** Writes several events together, as {@link record} does; does nothing for none. */
  recordAll(events: readonly Pick<AuditInput, "type" | "data">[]): Promise<void>
}
