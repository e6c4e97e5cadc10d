/**
 * Paths of a workspace's parts.
 * @module
 */
import { join } from "node:path"

/** Absolute paths of a workspace's parts. */
export interface WorkspaceLayout {
  readonly root: string
  /** The configuration; its presence makes a folder a workspace. */
  readonly config: string
  readonly keys: string
  readonly signingKey: string
  readonly signingPublic: string
  /** The key that signs what is pushed to a server, once it has been rotated; until then the signing key does. */
  readonly sourceKey: string
  readonly digestKey: string
  /** Signed manifest of the keys that evidence is sealed to. */
  readonly recipients: string
  /** Private halves, encrypted under the passphrase; absent where they were made elsewhere. */
  readonly custodianIdentity: string
  readonly recoveryIdentity: string
  readonly lists: string
  readonly index: string
  readonly falsePositives: string
  readonly evidence: string
  readonly audit: string
  readonly scans: string
  readonly hunts: string
  readonly purges: string
  /** Sealed incidents of guards that were not delivered yet. */
  readonly guardIncidents: string
  /** Hashes of what the operator's models made. */
  readonly generations: string
}

/** Names the parts of the workspace in a folder. */
export function workspaceLayout(root: string): WorkspaceLayout {
  const pathOf = (...parts: string[]) => join(root, ...parts)
  return {
    root,
    config: pathOf("nightlight.yaml"),
    keys: pathOf("keys"),
    signingKey: pathOf("keys", "signing.pem"),
    signingPublic: pathOf("keys", "signing.pem.pub"),
    sourceKey: pathOf("keys", "source.pem"),
    digestKey: pathOf("keys", "digest.key"),
    recipients: pathOf("keys", "recipients.json"),
    custodianIdentity: pathOf("keys", "custodian.age"),
    recoveryIdentity: pathOf("keys", "recovery.age"),
    lists: pathOf("lists"),
    index: pathOf("index"),
    falsePositives: pathOf("false-positives.ndjson"),
    evidence: pathOf("evidence"),
    audit: pathOf("audit"),
    scans: pathOf("scans"),
    hunts: pathOf("hunts"),
    purges: pathOf("purges"),
    guardIncidents: pathOf("guard-incidents"),
    generations: pathOf("generations"),
  }
}

/** Path of a recipient's encrypted private half, by its id in the manifest, where it was made here. */
export function identityPath({ keys }: Pick<WorkspaceLayout, "keys">, recipientId: string): string {
  return join(keys, `${recipientId}.age`)
}
