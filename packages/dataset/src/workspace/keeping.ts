/**
 * The part of a workspace with which a guard keeps incidents: keys that seal and sign, none that opens.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import { signDocument } from "@nightlight/durable"
import type { KeyedDigest, Manifest } from "@nightlight/vault"
import type { WorkspaceConfig } from "./config.ts"
import { openSourceSigner } from "./source-key.ts"
import type { Workspace } from "./workspace.ts"

/** Keys, paths and functions with which a guard keeps incidents. */
export interface GuardKeeping {
  readonly evidenceDir: string
  readonly spoolDir: string
  readonly manifest: Manifest
  readonly keyed: KeyedDigest
  readonly custody: WorkspaceConfig["custody"]
  /** The current key by which the server knows this workspace. */
  readonly sourceKey: () => Promise<{
    readonly keyId: string
    /** Signs a document. */
    readonly sign: (body: { readonly format: string; readonly [member: string]: JsonValue | undefined }) => object
  }>
  readonly record: Workspace["recordAll"]
}

/** Selects what a guard keeps its incidents with. */
export function guardKeeping(workspace: Workspace): GuardKeeping {
  const { layout, manifest, keyed, config } = workspace
  return {
    evidenceDir: layout.evidence,
    spoolDir: layout.guardIncidents,
    custody: config.custody,
    sourceKey: async () => {
      const signer = await openSourceSigner(layout)
      return { keyId: signer.keyId, sign: (body) => signDocument(body, signer) }
    },
    record: (events) => workspace.recordAll(events),
    manifest,
    keyed,
  }
}
