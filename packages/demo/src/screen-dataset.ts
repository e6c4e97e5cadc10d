/**
 * The demonstration of a scan: a generated dataset, a hash list with some of its pictures, and a real scan.
 * @module
 */
import { existsSync } from "node:fs"
import { mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type ListItem, RequestError } from "@nightlight/core"
import {
  importWorkspaceList,
  initWorkspace,
  openWorkspace,
  runScan,
  type ScanResult,
  type ScanWatcher,
} from "@nightlight/dataset"
import { makeDataset } from "./generated/make-dataset.ts"
import { KEYS } from "./passphrase.ts"

/** Folder and size of the demonstration. */
export interface ScreeningRequest {
  /** An earlier demonstration in it is replaced; a folder with anything else is refused. */
  readonly folder: string
  /** Number of pictures on no list, at least 1. */
  readonly pictures: number
  /** Reads the generated list file: the importer of `exchanges`. */
  readonly readList: (path: string) => AsyncIterable<ListItem> & { readonly sourceSha256: string | undefined }
}

/** Result of the scan, with missed copies. */
export interface ScreeningResult extends ScanResult {
  readonly dataset: string
  readonly workspace: string
  readonly clean: string
  readonly planted: number
  /** Planted copies that reached the clean copy. The demonstration failed unless this is 0. */
  readonly missed: number
}

/**
 * Makes the demonstration's dataset and workspace, and scans.
 *
 * @throws {RequestError} `output_conflict` if the folder holds anything but an earlier demonstration.
 */
export async function demonstrateScan(
  { folder, pictures, readList }: ScreeningRequest,
  watcher: ScanWatcher & { onMade?(done: number, total: number): void },
  signal: AbortSignal,
): Promise<ScreeningResult> {
  const marker = join(folder, ".nightlight-demo")
  if (existsSync(folder) && !existsSync(marker)) {
    throw new RequestError("output_conflict", "the demonstration's folder exists and is not an earlier demonstration", {
      hint: "Name another one, or move it away.",
    })
  }
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(marker, "Made by nightlight demo; may be deleted.\n")
  const [dataset, workspace, clean] = [join(folder, "dataset"), join(folder, "workspace"), join(folder, "clean")]
  const size = { folder: dataset, pictures, listed: 12, perShard: 400 }
  const made = await makeDataset(size, (done, total) => watcher.onMade?.(done, total))
  const listPath = join(folder, "list.csv")
  await writeFile(listPath, made.listCsv)
  await initWorkspace(workspace, { custody: "locate", basis: null, custodians: [], ...KEYS })
  const opened = await openWorkspace(workspace)
  await importWorkspaceList(opened, readList(listPath), { name: "demo-shapes", trust: "test" }, { signal })
  const result = await runScan(opened, { inputs: [dataset], out: clean, demo: true }, watcher, signal)
  const planted = made.planted.length
  const { quarantine, review } = result.report.decisions
  return { ...result, dataset, workspace, clean, planted, missed: Math.max(0, planted - quarantine - review) }
}
