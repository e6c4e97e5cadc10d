/**
 * The data folder's evidence: the same folder that the custodian opens from. Nothing here can open it.
 * @module
 */
import type { Clock, Verifier } from "@nightlight/core"
import {
  type EvidenceInput,
  type EvidenceRow,
  type EvidenceStore,
  type KeyedDigest,
  openEvidenceStore,
  type ReceivedInput,
  readManifest,
} from "@nightlight/vault/seal"

/** Dependencies of {@link openSealedEvidence}. */
export interface SealedEvidenceDeps {
  readonly dir: string
  /** Path of the signed manifest of recipients. */
  readonly manifest: string
  /** Verifies the key that signs the manifest. */
  readonly verifier: Verifier
  readonly digests: KeyedDigest
  readonly clock: Clock
}

/** Stores sealed files, which it cannot open. */
export interface SealedEvidence {
  /** Stores a sealed file unchanged: see vault's `EvidenceStore.receive`. */
  receive(input: ReceivedInput): Promise<EvidenceRow>
  /** Seals an item to the present recipients: see vault's `EvidenceStore.put`. */
  put(input: EvidenceInput): Promise<EvidenceRow>
  /** The row of an existing sealed file: see vault's `EvidenceStore.find`. */
  find(evidenceId: string): Promise<EvidenceRow | undefined>
  /** Deletes a sealed file for good: see vault's `EvidenceStore.remove`. Only preservation calls it. */
  remove(evidenceId: string): Promise<boolean>
}

/**
 * Opens the store. The manifest is read for each item that is sealed, so that a revoked recipient cannot open later
 * items; an older manifest than one seen before is refused.
 *
 * @throws {IntegrityError} `manifest_untrusted`, `key_unusable`.
 * @throws {RequestError} `config_invalid` if the folder is open to other users.
 */
export async function openSealedEvidence(deps: SealedEvidenceDeps): Promise<SealedEvidence> {
  const { dir, verifier, digests: keyedDigest, clock } = deps
  let version = 1
  let store: EvidenceStore | undefined

  async function current(): Promise<EvidenceStore> {
    const manifest = await readManifest(deps.manifest, verifier, version)
    if (store !== undefined && manifest.version <= version) return store
    const opened = await openEvidenceStore(dir, { manifest, keyedDigest, clock })
    // Another call may have read a newer manifest while this one opened the store: that one is kept.
    if (store !== undefined && manifest.version <= version) return store
    store = opened
    version = manifest.version
    return opened
  }

  const first = await current()
  return {
    receive: (input) => (store ?? first).receive(input),
    put: async (input) => (await current()).put(input),
    find: (evidenceId) => (store ?? first).find(evidenceId),
    remove: (evidenceId) => (store ?? first).remove(evidenceId),
  }
}
