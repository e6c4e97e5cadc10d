/**
 * Opens a workspace: its configuration, its keys and access to its parts.
 * @module
 */
import { readFile } from "node:fs/promises"
import { isAbsolute, join } from "node:path"
import { type Clock, compact, hasCode, RequestError, systemClock } from "@nightlight/core"
import { buildIndex, ensureTestCardList, loadPolicy, openIndex } from "@nightlight/screening"
import { liveSigner, openKeyedDigest, openVerifier, readManifest } from "@nightlight/vault"
import { type AuditInput, openAuditLog } from "@nightlight/vault/audit"
import { parseConfig } from "./config.ts"
import { createFalsePositiveLookup, readFalsePositiveLines } from "./false-positives.ts"
import { workspaceLayout } from "./layout.ts"
import { pinnedIndexVersions } from "./pinned-indexes.ts"
import { openPresentSigner } from "./signing-key.ts"
import type { Workspace } from "./workspace.ts"

/** The actor where no server holds accounts: anyone with access to the workspace. */
const ACTOR = "operator"

/**
 * Opens the workspace in a folder.
 *
 * @throws {RequestError} `workspace_missing`, `config_invalid`.
 * @throws {IntegrityError} `key_unusable`, `manifest_untrusted`.
 */
export async function openWorkspace(folder: string, clock: Clock = systemClock): Promise<Workspace> {
  const layout = workspaceLayout(folder)
  const config = parseConfig(await readConfig(layout.config))
  await openPresentSigner(layout)
  // A scan or an import continues while the key is rotated, and signs with the new one from then on.
  const signer = liveSigner(layout.signingKey)
  const verifier = await openVerifier(layout.signingPublic)
  const keyed = await openKeyedDigest(layout.digestKey)
  const manifest = await readManifest(layout.recipients, verifier)
  const policyPath = isAbsolute(config.policy) ? config.policy : join(layout.root, config.policy)
  const places = { listsDir: layout.lists, indexDir: layout.index }
  const recordAll = async (events: readonly Pick<AuditInput, "type" | "data">[]): Promise<void> => {
    if (events.length === 0) return
    const { checkpointCopy } = config.audit
    await using log = await openAuditLog(
      layout.audit,
      compact({
        signer: () => openPresentSigner(layout),
        clock,
        checkpointCopy: checkpointCopy === null ? undefined : checkpointCopy,
      }),
    )
    await log.appendAll(events.map((event) => ({ ...event, actor: ACTOR })))
  }
  return {
    layout,
    config,
    policyPath,
    signer,
    verifier,
    keyed,
    manifest,
    clock,
    openIndex: (version) =>
      openIndex(compact({ indexDir: layout.index, version }), {
        verifier,
      }),
    refreshIndex: async () => {
      await ensureTestCardList(layout.lists, { signer, verifier, clock })
      const pinnedVersions = () => pinnedIndexVersions(layout)
      const { version } = await buildIndex({ ...places, pinnedVersions }, { signer, verifier, clock })
      return version
    },
    readPolicy: async (path = policyPath) => loadPolicy(await readPolicyText(path), { fileName: path }),
    readFalsePositives: async () =>
      createFalsePositiveLookup(await readFalsePositiveLines(layout.falsePositives, verifier), keyed),
    record: (type, data) => recordAll([{ type, data }]),
    recordAll,
  }
}

async function readConfig(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (!hasCode(error, "ENOENT")) throw error
    throw new RequestError("workspace_missing", "there is no nightlight workspace in this folder", {
      hint: "Run nightlight init here, or name one by --workspace.",
    })
  })
}

async function readPolicyText(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (!hasCode(error, "ENOENT")) throw error
    throw new RequestError("policy_invalid", "the policy file that nightlight.yaml names is missing")
  })
}
