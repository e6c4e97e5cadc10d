/**
 * What of a workspace a guard keeps its incidents with: keys that seal and sign, none that opens.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import { signDocument } from "@nightlight/durable"
import type { KeyedDigest, Manifest } from "@nightlight/vault"
import type { WorkspaceConfig } from "./config.ts"
import { openSourceSigner } from "./source-key.ts"
import type { Workspace } from "./workspace.ts"

/** Where incidents are kept, and with what. */
export interface GuardKeeping {
  readonly evidenceDir: string
  readonly spoolDir: string
  readonly manifest: Manifest
  readonly keyed: KeyedDigest
  readonly custody: WorkspaceConfig["custody"]
  /** The key that the server knows this workspace by, as it is now. */
  readonly sourceKey: () => Promise<{
    readonly keyId: string
    /** Signs a document. */
    readonly sign: (body: { readonly format: string; readonly [member: string]: JsonValue | undefined }) => object
  }>
  readonly record: Workspace["recordAll"]
}

/** Names what a guard keeps its incidents with. */
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
