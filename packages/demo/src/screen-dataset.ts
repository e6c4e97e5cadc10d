/**
 * The demonstration: a generated dataset, a list that knows some of it, and the real scan over it.
 * @module
 */
import { access, mkdir, rm, writeFile } from "node:fs/promises"
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
import { LISTED_SEED, type MadeDataset, makeDataset } from "./generated/make-dataset.ts"
import { makeOddFiles } from "./generated/odd-files.ts"
import { pictureCopy } from "./generated/picture.ts"

/** What to show, and where. */
export interface DemoRequest {
  /** Made anew: an earlier demonstration there is removed, anything else is left alone and refused. */
  readonly folder: string
  /** Pictures on no list, at least 1. */
  readonly pictures: number
  /** Reads the list file that was made; the exchanges' importer. */
  readonly readList: (path: string) => AsyncIterable<ListItem> & { readonly sourceSha256: string | undefined }
}

/** Who watches. */
export interface DemoWatcher extends ScanWatcher {
  onMade?(done: number, total: number): void
}

/** What was shown. */
export interface DemoResult extends ScanResult {
  readonly made: MadeDataset
  readonly dataset: string
  readonly workspace: string
  readonly clean: string
  /** Planted copies that are in the clean copy all the same: none, or the demonstration failed. */
  readonly missed: number
}

/** Opens the demonstration's evidence; it protects nothing but generated shapes. */
export const DEMO_PASSPHRASE = "nightlight demonstration"

const MARKER = ".nightlight-demo"
const LISTED = 12
/** Quick to unlock: there is nothing to protect. */
const WORK_FACTOR = 12

/**
 * Makes the demonstration's dataset and workspace, and scans.
 *
 * @throws {RequestError} `output_conflict` if the folder holds anything but an earlier demonstration.
 */
export async function runDemo(request: DemoRequest, watcher: DemoWatcher, signal: AbortSignal): Promise<DemoResult> {
  const { folder, pictures } = request
  await clear(folder)
  const dataset = join(folder, "dataset")
  const workspaceFolder = join(folder, "workspace")
  const clean = join(folder, "clean")
  const made = await makeDataset({ folder: dataset, pictures, listed: LISTED, perShard: 400 }, (done, total) =>
    watcher.onMade?.(done, total),
  )
  await makeOddFiles(join(dataset, "odd"), {
    archived: await pictureCopy(LISTED_SEED, "mirrored"),
    plain: await pictureCopy(LISTED_SEED + 1, "resized"),
  })
  const listPath = join(folder, "list.csv")
  await writeFile(listPath, made.listCsv)
  await initWorkspace(workspaceFolder, {
    custody: "locate",
    basis: null,
    custodians: [],
    passphrase: DEMO_PASSPHRASE,
    workFactor: WORK_FACTOR,
  })
  const workspace = await openWorkspace(workspaceFolder)
  await importWorkspaceList(workspace, request.readList(listPath), { name: "demo-shapes", trust: "test" }, { signal })
  const result = await runScan(workspace, { inputs: [dataset], out: clean, demo: true }, watcher, signal)
  const planted = made.planted.length + 2
  const { quarantine, review } = result.report.decisions
  return {
    ...result,
    made,
    dataset,
    workspace: workspaceFolder,
    clean,
    missed: Math.max(0, planted - quarantine - review),
  }
}

async function clear(folder: string): Promise<void> {
  const marker = join(folder, MARKER)
  if (await exists(folder)) {
    if (!(await exists(marker))) {
      throw new RequestError(
        "output_conflict",
        "the demonstration's folder exists and is not an earlier demonstration",
        {
          hint: "Name another one, or move it away.",
        },
      )
    }
    await rm(folder, { recursive: true })
  }
  await mkdir(folder, { recursive: true })
  await writeFile(marker, "Made by nightlight demo; may be deleted.\n")
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
