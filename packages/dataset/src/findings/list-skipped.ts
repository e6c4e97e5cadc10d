/**
 * Lists the files that a scan did not read, by walking its source again: no name is kept anywhere.
 * @module
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { RequestError } from "@nightlight/core"
import { planDataset } from "../plan/plan-dataset.ts"
import type { StrayCode } from "../plan/types.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { findRecord } from "./list-findings.ts"

/** A file that no scan reads as things are now. Holds its name: for the terminal of the person who asked. */
export interface SkippedFile {
  readonly code: StrayCode
  /** Absolute path. */
  readonly file: string
}

/**
 * Walks the source of a scan again. The act is recorded in the log before a name is returned.
 *
 * @param scan - A scan's name; the newest scan where absent.
 * @throws {RequestError} `not_found` if there is no such scan, or its source is gone.
 */
export async function listSkipped(
  workspace: Workspace,
  scan: string | undefined,
  signal: AbortSignal,
): Promise<readonly SkippedFile[]> {
  const record = findRecord(workspace, scan)
  const there = record.inputs.some((input) => input.includes("{")) ? record.inputs : record.sources
  if (!record.sources.some((source) => existsSync(source))) {
    throw new RequestError("not_found", "nothing that the scan read exists any more")
  }
  const options = { exclude: [workspace.layout.root], excludePaths: record.exclude }
  const { root, strays } = await planDataset(there, options, signal)
  await workspace.record("scan.skipped-listed", { scan: record.scan, files: strays.length })
  return strays.map(({ code, place }) => ({ code, file: join(root, place) }))
}
