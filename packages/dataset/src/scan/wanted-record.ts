/**
 * What a request asks for, in the form of a scan's record, and whether an earlier scan answers it.
 * @module
 */
import { canonicalJson, compact } from "@nightlight/core"
import { canonicalDigest } from "@nightlight/durable"
import type { DatasetPlan } from "../plan/types.ts"
import { pairKey, readFalsePositiveLines } from "../workspace/false-positives.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { excludedPaths } from "./excluded-paths.ts"
import { planDigest } from "./plan-digest.ts"
import { countBy } from "./preview-scan.ts"
import type { ScanRequest } from "./request.ts"
import type { ScanRecord } from "./scan-record.ts"

/** The record that a new scan of a request would have. */
export type WantedRecord = Omit<ScanRecord, "scan" | "startedAt">

/** Makes the record of a request, against the present lists and policy. */
export async function wantedRecord(
  workspace: Workspace,
  request: ScanRequest,
  plan: DatasetPlan,
  out: string | undefined,
): Promise<WantedRecord> {
  const policy = await workspace.readPolicy()
  const { profile, kernel, keepOrientations } = workspace.config.scan
  return {
    version: 1,
    inputs: [...request.inputs],
    sources: plan.sources.map(({ path }) => path),
    root: plan.root,
    ...compact({ out, commit: plan.commit }),
    indexVersion: await workspace.refreshIndex(),
    policyName: policy.name,
    policyDigest: policy.digest,
    settingsDigest: await settingsDigest(workspace),
    planDigest: planDigest(plan),
    plannedAt: workspace.clock.now().toISOString(),
    profile,
    kernel,
    keepOrientations: request.keepOrientations ?? keepOrientations,
    demo: request.demo ?? false,
    exclude: [...excludedPaths(workspace, request)],
    skipped: countBy(plan.strays.map((stray) => stray.code)),
  }
}

async function settingsDigest({ config, layout, verifier }: Workspace): Promise<string> {
  const falsePositives = (await readFalsePositiveLines(layout.falsePositives, verifier)).map(pairKey).sort()
  const settings = { custody: config.custody.mode, limits: { ...config.scan.limits }, falsePositives }
  return canonicalDigest(settings)
}

/** Whether a finished scan has screened just what is wanted. */
export function isUnchanged(record: ScanRecord, wanted: WantedRecord): boolean {
  return record.root === wanted.root && record.planDigest === wanted.planDigest && isSameRequest(record, wanted, true)
}

/** Whether a request equals that of an earlier scan; an unfinished one continues with its own lists and policy. */
export function isSameRequest(record: ScanRecord, wanted: WantedRecord, isDone: boolean): boolean {
  const requestOf = (record: WantedRecord) =>
    canonicalJson(
      compact({
        profile: record.profile,
        kernel: record.kernel,
        keepOrientations: record.keepOrientations,
        demo: record.demo,
        exclude: [...record.exclude],
        indexVersion: isDone ? record.indexVersion : undefined,
        policyDigest: isDone ? record.policyDigest : undefined,
        settingsDigest: isDone ? record.settingsDigest : undefined,
      }),
    )
  return requestOf(record) === requestOf(wanted)
}
