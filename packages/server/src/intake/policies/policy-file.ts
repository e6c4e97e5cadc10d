/**
 * The policy file of the workspace beside this server. Scans and hunts there decide by it; here it is the first
 * version, and a draft whenever an operator has changed it. The server never writes it: see docs/adr/0021.
 * @module
 */
import { type Clock, compact, hasCode, NightlightError } from "@nightlight/core"
import { loadPolicy, type Policy } from "@nightlight/screening"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import { digestIn, findVersion, lockPolicies } from "./store.ts"
import { type PolicyText, WORKSPACE_ACTOR } from "./types.ts"
import { digestOf, keepVersion, makeActive, toDraft } from "./versions.ts"

/** Reads the file and the tests beside it. */
export interface PolicyFile {
  /** @throws {NightlightError} `workspace_missing`, `config_invalid`, `policy_invalid` if there is nothing to read. */
  read(): Promise<PolicyText>
}

/** State of the file relative to the active version. */
export type FileState =
  | { readonly state: "missing" }
  | { readonly state: "same" | "differs" | "unusable"; readonly digest: string; readonly known: boolean }

/** Dependencies of {@link ingestPolicyFile}. */
export interface IngestFileDeps extends TransactDeps {
  readonly file: PolicyFile
}

/**
 * Stores the file if its text is new here: as the active version if there is none, else as a draft that two people can
 * make active. A second time changes nothing; of several processes that do so at once, one does.
 *
 * @throws {NightlightError} As {@link PolicyFile.read}; `policy_invalid` if it does not load.
 */
export async function ingestPolicyFile(deps: IngestFileDeps): Promise<void> {
  const { db, clock, file } = deps
  const policyText = await file.read()
  const digest = digestOf(policyText)
  const isKnown = (await findVersion(db, digest)) !== undefined
  if (isKnown && (await digestIn(db, "active")) !== undefined) return
  const policy = load(policyText, clock)
  await transact(deps, WORKSPACE_ACTOR, async (tx) => {
    await lockPolicies(tx.trx)
    if ((await findVersion(tx.trx, digest)) === undefined) {
      await keepVersion(tx, toDraft(policyText, policy, { madeBy: WORKSPACE_ACTOR, madeAt: clock.now() }), policyText)
    }
    if ((await digestIn(tx.trx, "active")) === undefined) await makeActive(tx, clock, { digest, how: "first" })
  })
}

/** Reads the state of the file. Never throws because of the file. */
export async function readFileState(
  { db, clock, file }: { readonly db: Kysely<Tables>; readonly clock: Clock; readonly file: PolicyFile },
  active: string | undefined,
): Promise<FileState> {
  let policyText: PolicyText
  try {
    policyText = await file.read()
  } catch (error) {
    if (error instanceof NightlightError) return { state: "missing" }
    throw error
  }
  const digest = digestOf(policyText)
  const known = (await findVersion(db, digest)) !== undefined
  if (digest === active) return { state: "same", digest, known }
  try {
    load(policyText, clock)
    return { state: "differs", digest, known }
  } catch (error) {
    if (hasCode(error, "policy_invalid")) return { state: "unusable", digest, known }
    throw error
  }
}

function load({ text, testsText }: PolicyText, clock: Clock): Policy {
  return loadPolicy(text, compact({ fileName: "policy.yaml", clock, testsText }))
}
