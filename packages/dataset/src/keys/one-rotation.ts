/**
 * Lets one rotation of keys run at a time, after completing an interrupted one.
 * @module
 */
import { join } from "node:path"
import { DependencyError, hasCode, IntegrityError } from "@nightlight/core"
import { withLock } from "@nightlight/durable"
import { readAuditEvents } from "@nightlight/vault/audit"
import { openWorkspace } from "../workspace/open.ts"
import type { Workspace } from "../workspace/workspace.ts"

/** Type of the event that records each new version of the manifest of recipients. */
export const ROTATED = "keys.rotated"

/** Long enough for a call that is just ending, and no more: a waiting caller cannot know what the other one rotates. */
const PATIENCE_MS = 500

/**
 * Runs an action while no other process rotates this workspace's keys. The workspace is opened again under the lock,
 * since another rotation may have ended meanwhile.
 *
 * @throws {DependencyError} `locked` if another process rotates them.
 * @throws {IntegrityError} `manifest_untrusted` if the manifest is older than the log says.
 */
export async function withKeyRotation<T>(workspace: Workspace, action: (fresh: Workspace) => Promise<T>): Promise<T> {
  const { layout, clock } = workspace
  let isInside = false
  try {
    return await withLock(
      join(layout.keys, ".rotation"),
      async () => {
        isInside = true
        const fresh = await openWorkspace(layout.root, clock)
        return await action(fresh)
      },
      { timeoutMs: PATIENCE_MS },
    )
  } catch (error) {
    if (isInside || !hasCode(error, "locked")) throw error
    throw new DependencyError("locked", "another command is rotating or rewrapping this workspace's keys", {
      hint: "Wait for it to end: both can be repeated at any time.",
    })
  }
}

/**
 * Returns the version of the manifest that the log mentions last: 1 where it mentions none.
 *
 * @throws {IntegrityError} `manifest_untrusted` if the manifest in place is older; `audit_chain_broken`.
 */
export async function recordedVersion({ layout, manifest }: Workspace): Promise<number> {
  let version = 1
  for await (const { type, data } of readAuditEvents(layout.audit)) {
    const { recipientsVersion } = data
    if (type !== ROTATED && type !== "workspace.created") continue
    if (typeof recipientsVersion === "number") version = recipientsVersion
  }
  if (manifest.version >= version) return version
  throw new IntegrityError("manifest_untrusted", "the recipient manifest is older than the log says", {
    details: { version: manifest.version, floor: version },
    hint: "Restore the newest keys/recipients.json: evidence may be sealed to keys that were revoked.",
  })
}
