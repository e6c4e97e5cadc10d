/**
 * Checks whether a workspace is ready for its next scan.
 * @module
 */

import { stat, statfs } from "node:fs/promises"
import { DAY_MS } from "@nightlight/core"
import { hasContentHashes } from "@nightlight/screening"
import { activeRecipients, custodySeparated } from "@nightlight/vault"
import { verifyAudit } from "../audit/verify.ts"
import { openWorkspace } from "../workspace/open.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { type Check, runCheck } from "./check.ts"

/** Days after which a list may miss much that was found since. */
const STALE_LIST_DAYS = 30

/** Bytes of free space below which sidecars and evidence may not fit. */
const LOW_SPACE_BYTES = 1e9

/** Checks configuration, keys, lists, log and disk of the workspace in a folder. */
export async function checkWorkspace(folder: string): Promise<readonly Check[]> {
  let workspace: Workspace | undefined
  const opened = await runCheck("workspace", async () => {
    workspace = await openWorkspace(folder)
    const { mode } = await stat(folder)
    return (mode & 0o077) === 0
      ? { state: "ok", words: `custody mode ${workspace.config.custody.mode}` }
      : { state: "degraded", words: "the folder is open to other users", hint: "chmod 700 on the workspace's folder." }
  })
  if (workspace === undefined) return [opened]
  const open = workspace
  return [
    opened,
    await runCheck("keys", () => checkKeys(open)),
    await runCheck("policy", async () => {
      const policy = await open.readPolicy()
      return { state: "ok", words: `${policy.name}, ${policy.digest.slice(0, 16)}` }
    }),
    await runCheck("lists", () => checkLists(open)),
    await runCheck("audit log", async () => {
      const { ok, words } = await verifyAudit(open)
      return { state: ok ? "ok" : "missing", words }
    }),
    await runCheck("disk", async () => {
      const { bavail, bsize } = await statfs(folder)
      const free = bavail * bsize
      return { state: free < LOW_SPACE_BYTES ? "degraded" : "ok", words: `${(free / 1e9).toFixed(1)} GB free` }
    }),
  ]
}

async function checkKeys({ manifest }: Workspace): Promise<Omit<Check, "name">> {
  const recipients = activeRecipients(manifest)
  const words = `evidence is sealed to ${recipients.length} keys`
  if (!custodySeparated(manifest)) {
    return {
      state: "degraded",
      words: `${words}; custody not separated: a custodian's private key is in this workspace`,
      hint: "For production make the custodian's key elsewhere: nightlight init --recipient age1...",
    }
  }
  return { state: "ok", words }
}

/** The index opens only when every test card matches, so opening it is the check. */
async function checkLists(workspace: Workspace): Promise<Omit<Check, "name">> {
  await using index = await workspace.openIndex()
  const { lists, version } = index
  const real = lists.filter((list) => list.trust !== "test" && hasContentHashes(list))
  if (real.length === 0) {
    return {
      state: "missing",
      words: `no real list of index ${version} has hashes of files: a scan would be unscreened`,
      hint: "nightlight lists import FILE --name NAME; docs/guides/hash-lists.md says where lists come from.",
    }
  }
  const today = workspace.clock.now().getTime()
  const stale = real.filter(({ asOf }) => asOf !== undefined && today - Date.parse(asOf) > STALE_LIST_DAYS * DAY_MS)
  const words = `${real.length} in index ${version}, test cards match`
  if (stale.length > 0) {
    const names = stale.map((list) => list.name).join(", ")
    return {
      state: "degraded",
      words: `${words}; older than ${STALE_LIST_DAYS} days: ${names}`,
      hint: "Import them again, then run nightlight hunt.",
    }
  }
  return { state: "ok", words }
}
