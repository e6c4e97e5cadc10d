/**
 * The signed record of a removed list: its name and last version. A list that vanishes without one is noticed, and a
 * list that is imported again continues its version numbers.
 * @module
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { type Clock, IntegrityError, type Signer, type Verifier } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
import { readSigned, signedText } from "./signed-document.ts"
import { makeFolder } from "./versions.ts"

const REMOVAL_FORMAT = "nightlight-list-removal/1"

/** A record of a removed list. */
export interface Removal {
  readonly format: typeof REMOVAL_FORMAT
  readonly name: string
  /** The version the list had last. */
  readonly lastVersion: number
  /** ISO 8601. */
  readonly removedAt: string
}

/** Records a removal durably. @throws {DependencyError} `disk_full`, `write_failed`. */
export async function writeRemoval(
  listsDir: string,
  removed: { readonly name: string; readonly lastVersion: number },
  { signer, clock }: { readonly signer: Signer; readonly clock: Clock },
): Promise<void> {
  const folder = join(listsDir, ".removed")
  makeFolder(folder)
  const removedAt = clock.now().toISOString()
  const text = signedText({ format: REMOVAL_FORMAT, ...removed, removedAt }, signer)
  await writeFileAtomic(pathOf(listsDir, removed.name), text, 0o600)
}

/**
 * Reads the record of a list's removal; `undefined` where it was never removed.
 *
 * @throws {IntegrityError} `snapshot_untrusted` when it was altered.
 */
export async function readRemoval(listsDir: string, name: string, verifier: Verifier): Promise<Removal | undefined> {
  const path = pathOf(listsDir, name)
  if (!existsSync(path)) return undefined
  const what = `the removal of list ${name}`
  const removal = await readSigned<Removal>(path, REMOVAL_FORMAT, {
    verifier,
    code: "snapshot_untrusted",
    what,
  })
  if (removal.name === name) return removal
  throw new IntegrityError("snapshot_untrusted", `${what}: its signed document belongs to another list`)
}

function pathOf(listsDir: string, name: string): string {
  return join(listsDir, ".removed", `${name}.json`)
}
