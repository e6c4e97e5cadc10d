/**
 * Reports the hunts and purges of a workspace to a server.
 * @module
 */

import type { IntakeClient } from "@nightlight/contract/client"
import { PUSHED_HUNT_FORMAT, PUSHED_PURGE_FORMAT } from "@nightlight/contract/server"
import { hasCode, type JsonValue } from "@nightlight/core"
import { signDocument } from "@nightlight/durable"
import { readHistory } from "../in-place/history.ts"
import { openSourceSigner } from "../workspace/source-key.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { toSharedHunt, toSharedPurge } from "./shared-follow-ups.ts"

/** Numbers of reported hunts and purges; `unsupported`: the server's version accepts none. */
export type FollowUpsReported =
  | { readonly hunts: number; readonly purges: number; readonly new: number }
  | "unsupported"

/** The server and the workspace's name there. */
export interface FollowUpAddressee {
  readonly client: Pick<IntakeClient, "reportFollowUp">
  /** The server's name for the workspace. */
  readonly source: string
  readonly again: <Result>(work: () => Promise<Result>) => Promise<Result>
}

/**
 * Reports all hunts and purges, oldest first. The server keeps what it already has.
 *
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export async function reportFollowUps(
  workspace: Workspace,
  { client, source, again }: FollowUpAddressee,
): Promise<FollowUpsReported> {
  const history = readHistory(workspace)
  const { hunts, purges } = history
  let added = 0
  const push = async (path: `hunts/${string}` | `purges/${string}`, format: string, report: object) => {
    const signer = await openSourceSigner(workspace.layout)
    const document = signDocument({ format, source, report: report as unknown as JsonValue }, signer)
    const { status } = await again(() => client.reportFollowUp(path, JSON.stringify(document)))
    if (status === "accepted" || status === "replaced") added++
  }
  try {
    for (const hunt of hunts) {
      await push(`hunts/${hunt.report.hunt}`, PUSHED_HUNT_FORMAT, toSharedHunt(history, hunt))
    }
    for (const receipt of purges) {
      await push(`purges/${receipt.purge}`, PUSHED_PURGE_FORMAT, toSharedPurge(history, receipt))
    }
  } catch (error) {
    if (hasCode(error, "not_found")) return "unsupported"
    throw error
  }
  return { hunts: hunts.length, purges: purges.length, new: added }
}
