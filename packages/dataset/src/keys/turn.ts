/**
 * One turn of keys at a time, and its last one brought to its end first.
 * @module
 */
import { join } from "node:path"
import { DependencyError, hasCode, IntegrityError } from "@nightlight/core"
import { withLock } from "@nightlight/durable"
import { readAuditEvents } from "@nightlight/vault/audit"
import { openWorkspace } from "../workspace/open.ts"
import type { Workspace } from "../workspace/workspace.ts"

/** Type of the event that each new version of the manifest of recipients leaves. */
export const ROTATED = "keys.rotated"

/** Long enough for a call that is just ending, and no more: whoever waits cannot know what the other one turns. */
const PATIENCE_MS = 500

/**
 * Runs an action while nobody else turns this workspace's keys. The workspace is opened anew under the lock: it may
 * have been opened before another turn ended.
 *
 * @throws {DependencyError} `locked` if somebody else does.
 * @throws {IntegrityError} `manifest_untrusted` if the manifest is older than the log says.
 */
export async function withKeyTurn<T>(workspace: Workspace, action: (fresh: Workspace) => Promise<T>): Promise<T> {
  const { layout, clock } = workspace
  let isInside = false
  try {
    return await withLock(
      join(layout.keys, ".turn"),
      async () => {
        isInside = true
        const fresh = await openWorkspace(layout.root, clock)
        return await action(fresh)
      },
      { timeoutMs: PATIENCE_MS },
    )
  } catch (error) {
    if (isInside || !hasCode(error, "locked")) throw error
    throw new DependencyError("locked", "another command rotates or rewraps this workspace's keys now", {
      hint: "Wait until it ends: both can be repeated at any time.",
    })
  }
}

/**
 * Says which version of the manifest the log last spoke of: 1 where it speaks of none.
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
    hint: "Bring the newest keys/recipients.json back: evidence may be sealed to keys that were revoked.",
  })
}
