import { rm } from "node:fs/promises"
import { type Clock, IntegrityError, RequestError } from "@nightlight/core"
import { ensureDirPrivate, removeStaleTemps, withLock } from "@nightlight/durable"
import type { KeyedDigest } from "../keys/digest-key.ts"
import { activeRecipients, type Manifest } from "../manifest/manifest.ts"
import { completeInterruptedPut, findWhole } from "./complete-put.ts"
import { type EvidencePaths, evidencePaths, isEvidenceId, listIds, lockOf, readTextIfAny } from "./files.ts"
import { assertInput, commit, type EvidenceInput, sealToTemp, type UnnamedFile } from "./put.ts"
import { assertReceived, type ReceivedInput, receiveToTemp } from "./receive.ts"
import { removeEvidence } from "./remove.ts"
import { type RewrapOptions, rewrapToTemp } from "./rewrap.ts"
import { contentDigest, type EvidenceRow, originOf, parseRow, toRowText } from "./row.ts"

/** Dependencies of an evidence store; none of them is a key that opens evidence. */
export interface EvidenceStoreDeps {
  /** Read and checked by `readManifest`. */
  readonly manifest: Manifest
  readonly keyedDigest: KeyedDigest
  readonly clock: Clock
}

/** A row that {@link EvidenceStore.list} read, or one that is untrusted. */
export type EvidenceListing =
  | { readonly ok: true; readonly row: EvidenceRow }
  | { readonly ok: false; readonly evidenceId: string; readonly code: "row_untrusted" }

/** A folder of sealed evidence. */
export interface EvidenceStore {
  /**
   * Stores an item: when this returns, the sealed file and its row are on disk. Repeating it is safe at any time, also
   * after a kill and from several processes at once: an existing whole item is checked, kept and returned. Evidence
   * that was stored without content is sealed again once content is given.
   *
   * @throws {RequestError} `input_invalid`.
   * @throws {IntegrityError} `evidence_digest_mismatch` if the content does not have its digest, or if existing
   *   evidence of the id was altered or has other content.
   * @throws {DependencyError} `disk_full`, `write_failed`, `locked`; `source_unreadable` if reading the content failed.
   */
  put(input: EvidenceInput): Promise<EvidenceRow>
  /**
   * Stores a sealed file that was made elsewhere, unchanged, under the id it was sealed under: when this returns, file
   * and row are on disk. The file is digested as it arrives and not opened. Repeating it is safe at any time.
   *
   * @throws {RequestError} `input_invalid`; `body_too_large`; `state_conflict` if there is another file under the id
   *   that `replaces` does not name.
   * @throws {IntegrityError} `evidence_digest_mismatch` if the bytes do not have their digest, or an existing file was
   *   altered.
   * @throws {DependencyError} `disk_full`, `write_failed`, `locked`; `source_unreadable` if the bytes end in an error.
   */
  receive(input: ReceivedInput): Promise<EvidenceRow>
  /**
   * Finds an item and compares its sealed file's digest with its row.
   *
   * @returns `undefined` if it does not exist.
   * @throws {IntegrityError} `evidence_digest_mismatch` if row or sealed file was altered.
   */
  find(evidenceId: string): Promise<EvidenceRow | undefined>
  /**
   * Reads an item's row without reading its sealed file.
   *
   * @returns `undefined` if it does not exist.
   * @throws {IntegrityError} `evidence_digest_mismatch` if the row was altered.
   */
  row(evidenceId: string): Promise<EvidenceRow | undefined>
  /**
   * Removes an item's sealed file and its row, the file first: when this returns, neither is on disk. The caller has
   * recorded the reason. Repeating it is safe at any time.
   *
   * @returns Whether anything existed.
   * @throws {DependencyError} `write_failed`, `locked`.
   */
  remove(evidenceId: string): Promise<boolean>
  /** Lists the rows by id. Sealed files are not read: see `verifyEvidence`. */
  list(): AsyncIterable<EvidenceListing>
  /**
   * Gives a piece of evidence a header for the present recipients and keeps its payload: when this returns, the file
   * and its row are on disk. Repeating it is safe at any time, also after a kill.
   *
   * @returns The row; `undefined` if there is no such evidence.
   * @throws {IntegrityError} `evidence_digest_mismatch` if row or sealed file was altered; `key_unusable` if no key
   *   opens it.
   * @throws {RequestError} `state_conflict` if it was sealed again or removed meanwhile.
   * @throws {DependencyError} `disk_full`, `write_failed`, `locked`: then the old file is unchanged.
   */
  rewrap(evidenceId: string, options: RewrapOptions): Promise<EvidenceRow | undefined>
}

/** Whether exactly the present recipients can open a piece of evidence. */
export function isWrappedFor(row: EvidenceRow, manifest: Pick<Manifest, "recipients">): boolean {
  const active = activeRecipients(manifest).map((entry) => entry.id)
  return row.recipients.length === active.length && active.every((id) => row.recipients.includes(id))
}

/**
 * Opens a folder of sealed evidence, made (0700) if missing. Completes or removes what a killed process left.
 *
 * @throws {IntegrityError} `key_unusable` unless a custodian and a recovery key are active in the manifest.
 * @throws {RequestError} `config_invalid` if the folder is open to other users.
 * @throws {DependencyError} `disk_full`, `write_failed`, `locked`.
 */
export async function openEvidenceStore(dir: string, deps: EvidenceStoreDeps): Promise<EvidenceStore> {
  const { keyedDigest } = deps
  const recipients = activeRecipients(deps.manifest)
  await ensureDirPrivate(dir, { mayBeShared: true })
  await removeStaleTemps(dir)
  const { pending } = await listIds(dir)
  if (pending.length > 0) {
    await withLock(lockOf(dir), async () => {
      for (const id of pending) await completeInterruptedPut(evidencePaths(dir, id), keyedDigest)
    })
  }

  async function put(input: EvidenceInput): Promise<EvidenceRow> {
    const paths = pathsOf(input.evidenceId)
    assertInput(input)
    const existing = await withLock(paths.lock, () => findSameContent(paths, input))
    if (existing !== undefined) return existing

    const sealedAt = deps.clock.now().toISOString()
    const sealed = await sealToTemp(dir, input, { recipients: recipients.map((entry) => entry.recipient), sealedAt })
    const row: EvidenceRow = {
      evidenceId: input.evidenceId,
      custody: input.content === undefined ? "located" : "sealed",
      ciphertextSha256: sealed.ciphertextSha256,
      ciphertextBytes: sealed.ciphertextBytes,
      plaintextDigest: contentDigest(keyedDigest, input.contentSha256),
      sizeBytes: sealed.sizeBytes,
      recipients: recipients.map((entry) => entry.id),
      manifestVersion: deps.manifest.version,
      sealedAt,
    }
    return commitUnless(() => findSameContent(paths, input), { paths, temp: sealed, row })
  }

  async function receive(input: ReceivedInput): Promise<EvidenceRow> {
    const paths = pathsOf(input.evidenceId)
    assertReceived(input)
    const existing = await withLock(paths.lock, () => findSameReceived(paths, input))
    if (existing !== undefined) return existing
    const temp = await receiveToTemp(dir, input)
    const row: EvidenceRow = {
      evidenceId: input.evidenceId,
      custody: "received",
      ciphertextSha256: temp.ciphertextSha256,
      ciphertextBytes: temp.ciphertextBytes,
      plaintextDigest: "",
      sizeBytes: 0,
      recipients: [],
      manifestVersion: 0,
      sealedAt: deps.clock.now().toISOString(),
    }
    return commitUnless(() => findSameReceived(paths, input), { paths, temp, row })
  }

  /** Stores a written file with its row, unless another process stored the same item meanwhile: then its row is kept. */
  async function commitUnless(
    find: () => Promise<EvidenceRow | undefined>,
    { paths, temp, row }: { readonly paths: EvidencePaths; readonly temp: UnnamedFile; readonly row: EvidenceRow },
  ): Promise<EvidenceRow> {
    try {
      return await withLock(paths.lock, async () => {
        const meanwhile = await find()
        if (meanwhile === undefined) await commit(paths, temp, toRowText(row, keyedDigest))
        return meanwhile ?? row
      })
    } finally {
      await rm(temp.path, { force: true })
    }
  }

  /** The existing evidence under a received file's id; the caller holds the lock. */
  async function findSameReceived(paths: EvidencePaths, input: ReceivedInput): Promise<EvidenceRow | undefined> {
    await completeInterruptedPut(paths, keyedDigest)
    const row = await findWhole(paths, keyedDigest)
    const known = row === undefined ? [] : [row.ciphertextSha256, originOf(row)]
    if (row === undefined || known.includes(input.ciphertextSha256)) return row
    if (input.replaces !== undefined && known.includes(input.replaces)) return undefined
    throw new RequestError("state_conflict", "there is another sealed file under this evidence id")
  }

  /** The existing evidence that matches the input; the caller holds the lock. */
  async function findSameContent(paths: EvidencePaths, input: EvidenceInput): Promise<EvidenceRow | undefined> {
    await completeInterruptedPut(paths, keyedDigest)
    const row = await findWhole(paths, keyedDigest)
    if (row === undefined) return undefined
    if (row.plaintextDigest !== contentDigest(keyedDigest, input.contentSha256)) {
      throw new IntegrityError("evidence_digest_mismatch", "the evidence id already belongs to other content")
    }
    return row.custody === "located" && input.content !== undefined ? undefined : row
  }

  async function find(evidenceId: string): Promise<EvidenceRow | undefined> {
    const paths = pathsOf(evidenceId)
    return withLock(paths.lock, async () => {
      await completeInterruptedPut(paths, keyedDigest)
      return findWhole(paths, keyedDigest)
    })
  }

  const remove = (evidenceId: string): Promise<boolean> => removeEvidence(dir, evidenceId)

  async function* list(): AsyncGenerator<EvidenceListing, void, void> {
    for (const evidenceId of (await listIds(dir)).json) {
      const text = await readTextIfAny(evidencePaths(dir, evidenceId).row)
      // Removed since the folder was read.
      if (text === undefined) continue
      const row = parseRow(text, keyedDigest)
      if (row?.evidenceId === evidenceId) yield { ok: true, row }
      else yield { ok: false, evidenceId, code: "row_untrusted" }
    }
  }

  async function rewrap(evidenceId: string, options: RewrapOptions): Promise<EvidenceRow | undefined> {
    const paths = pathsOf(evidenceId)
    const row = await withLock(paths.lock, () => settledRow(paths))
    if (row === undefined || isWrappedFor(row, deps.manifest)) return row
    const { makeHeader, record } = options
    const temp = await rewrapToTemp(dir, paths, { evidenceId, expected: row.ciphertextSha256, makeHeader })
    try {
      await record({ evidenceId, before: row.ciphertextSha256, after: temp.ciphertextSha256 })
      const next: EvidenceRow = {
        ...row,
        ciphertextSha256: temp.ciphertextSha256,
        originSha256: originOf(row),
        ciphertextBytes: temp.ciphertextBytes,
        recipients: recipients.map((entry) => entry.id),
        manifestVersion: deps.manifest.version,
      }
      await withLock(paths.lock, async () => {
        const now = await settledRow(paths)
        if (now?.ciphertextSha256 !== row.ciphertextSha256) {
          throw new RequestError("state_conflict", "the evidence was sealed again or removed meanwhile")
        }
        await commit(paths, temp, toRowText(next, keyedDigest))
      })
      return next
    } finally {
      await rm(temp.path, { force: true })
    }
  }

  /** The row as it was last written, without reading the file; the caller holds the lock. */
  async function settledRow(paths: EvidencePaths): Promise<EvidenceRow | undefined> {
    await completeInterruptedPut(paths, keyedDigest)
    return readRow(paths)
  }

  async function readRow(paths: EvidencePaths): Promise<EvidenceRow | undefined> {
    const text = await readTextIfAny(paths.row)
    if (text === undefined) return undefined
    const row = parseRow(text, keyedDigest)
    if (row === undefined || !paths.row.endsWith(`/${row.evidenceId}.json`)) {
      throw new IntegrityError("evidence_digest_mismatch", "evidence is not what was sealed: its row was altered")
    }
    return row
  }

  function pathsOf(evidenceId: string): EvidencePaths {
    if (!isEvidenceId(evidenceId)) {
      throw new RequestError("input_invalid", "expected an evidence id of 4 to 128 letters, digits, _ and -")
    }
    return evidencePaths(dir, evidenceId)
  }

  function row(evidenceId: string): Promise<EvidenceRow | undefined> {
    return readRow(pathsOf(evidenceId))
  }

  return { put, receive, find, row, remove, list, rewrap }
}
