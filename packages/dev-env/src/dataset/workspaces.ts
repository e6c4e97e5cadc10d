import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { HashRecord, ListItem, ListSource, Trust } from "@nightlight/core"
import { generateIdentity, recipientOf } from "@nightlight/vault"
import { importWorkspaceList } from "../../../dataset/src/lists/lists.ts"
import type { ScanRequest } from "../../../dataset/src/scan/request.ts"
import { runScan, type ScanResult } from "../../../dataset/src/scan/run-scan.ts"
import { initWorkspace } from "../../../dataset/src/workspace/init.ts"
import { openWorkspace } from "../../../dataset/src/workspace/open.ts"
import type { Workspace } from "../../../dataset/src/workspace/workspace.ts"
import { noSignal, type TemporaryFolder, temporaryFolder } from "./shards.ts"

/** A workspace in a temporary folder, with room for datasets and copies beside it. */
export interface TestWorkspace extends Disposable {
  readonly folder: TemporaryFolder
  /** The workspace's own folder. */
  readonly root: string
  readonly workspace: Workspace
  /** Private keys of custodian and recovery, which are not in the workspace. */
  readonly identities: readonly string[]
  /** Makes a path beside the workspace. */
  readonly pathOf: (...parts: readonly string[]) => string
}

/** Options of {@link testWorkspace}. `custody` defaults to `locate`. */
export interface WorkspaceChoices {
  readonly custody?: "locate" | "seal"
}

/** Makes a workspace without private keys and with one decoder process. */
export async function testWorkspace({ custody = "locate" }: WorkspaceChoices = {}): Promise<TestWorkspace> {
  const folder = temporaryFolder()
  const root = join(folder.path, "workspace")
  const custodian = await generateIdentity()
  const recovery = await generateIdentity()
  await initWorkspace(root, {
    custody,
    basis: custody === "seal" ? "a test's own reasons" : null,
    custodians: [await recipientOf(custodian)],
    recovery: await recipientOf(recovery),
  })
  configure(root, "processes: 0 ", "processes: 1 ")
  return await openTestWorkspace(folder, [custodian, recovery])
}

/** Copies a workspace with everything beside it, so that several tests can start from the same one. */
export async function copyTestWorkspace({ folder: { path }, identities }: TestWorkspace): Promise<TestWorkspace> {
  const folder = temporaryFolder()
  copyFolder(`${path}/.`, folder.path)
  return await openTestWorkspace(folder, identities)
}

async function openTestWorkspace(folder: TemporaryFolder, identities: readonly string[]): Promise<TestWorkspace> {
  const root = join(folder.path, "workspace")
  return {
    folder,
    root,
    workspace: await openWorkspace(root),
    identities,
    pathOf: (...parts) => join(folder.path, ...parts),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
}

/** Changes a line of `nightlight.yaml`. The workspace must be opened again. */
export function configure(root: string, from: string, to: string): void {
  const path = join(root, "nightlight.yaml")
  const text = readFileSync(path, "utf8")
  if (!text.includes(from)) throw new Error(`expected ${from} in nightlight.yaml`)
  writeFileSync(path, text.replace(from, to))
}

/** Copies a workspace with its keys and lists. */
export async function copyWorkspace({ root }: TestWorkspace, to: string): Promise<Workspace> {
  copyFolder(root, to)
  return await openWorkspace(to)
}

/** Keeps permissions, which a workspace checks; `cpSync` does not. */
function copyFolder(from: string, to: string): void {
  execFileSync("cp", ["-a", from, to])
}

/** Presents records as a list that is being read. */
export function listSource(records: readonly HashRecord[]): ListSource {
  return {
    sourceSha256: "0".repeat(64),
    async *[Symbol.asyncIterator](): AsyncGenerator<ListItem> {
      for (const [index, record] of records.entries()) yield { ok: true, line: index + 1, record }
    },
  }
}

/** Imports records as a list, trusted by default. */
export async function importRecords(
  workspace: Workspace,
  records: readonly HashRecord[],
  { name = "known", trust = "trusted" }: { readonly name?: string; readonly trust?: Trust } = {},
): Promise<void> {
  await importWorkspaceList(workspace, listSource(records), { name, trust, acceptShrink: true }, { signal: noSignal })
}

/** Scans without progress. */
export async function scan(workspace: Workspace, request: ScanRequest): Promise<ScanResult> {
  return await runScan(workspace, request, {}, noSignal)
}
