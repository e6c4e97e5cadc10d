/**
 * The lists of a workspace: import, add to, withdraw from, show and remove. The index is kept in step, and every change is logged.
 * @module
 */
import type { ListSource } from "@nightlight/core"
import {
  addToList,
  type ImportListOptions,
  type ImportListRequest,
  type ImportSummary,
  importList,
  listSnapshots,
  removeList,
  type Snapshot,
  showList,
  type WithdrawSummary,
  withdrawFromList,
} from "@nightlight/screening"
import { pinnedIndexVersions } from "../workspace/pinned-indexes.ts"
import type { Workspace } from "../workspace/workspace.ts"

/** How a list is to be treated. */
export type ListChoices = Pick<
  ImportListRequest,
  "name" | "trust" | "radiusBits" | "asOf" | "terms" | "acceptShrink" | "acceptUnread"
>

/** The result of an import. */
export interface ImportReport {
  readonly summary: ImportSummary
  /** Version of the index in which the list is live. */
  readonly indexVersion: number
}

/**
 * Imports a list and makes it live.
 *
 * @throws as screening's `importList`, `buildIndex` and `openIndex` do; the previous lists stay live then.
 */
export async function importWorkspaceList(
  workspace: Workspace,
  items: ListSource,
  choices: ListChoices,
  watch: ImportListOptions,
): Promise<ImportReport> {
  const { layout, signer, verifier, clock } = workspace
  const summary = await importList({ ...choices, listsDir: layout.lists, items }, { signer, verifier, clock }, watch)
  return makeLive(workspace, "list.imported", summary)
}

/**
 * Adds entries to a list and makes them live, without writing or indexing the rest of the list again.
 *
 * @throws as screening's `addToList`, `buildIndex` and `openIndex` do; the previous lists stay live then.
 */
export async function addToWorkspaceList(
  workspace: Workspace,
  items: ListSource,
  choices: Pick<ListChoices, "name" | "asOf" | "acceptUnread">,
  watch: ImportListOptions,
): Promise<ImportReport> {
  const { layout, signer, verifier, clock } = workspace
  const summary = await addToList({ ...choices, listsDir: layout.lists, items }, { signer, verifier, clock }, watch)
  return makeLive(workspace, "list.added-to", summary)
}

/** The result of a withdrawal. */
export interface WithdrawReport {
  readonly summary: WithdrawSummary
  /** Version of the index without the entries; absent where nothing was to be changed. */
  readonly indexVersion?: number
}

/**
 * Withdraws entries from a list, so that nothing matches them any more. A dry run counts them and is not recorded.
 *
 * @throws as screening's `withdrawFromList`, `buildIndex` and `openIndex` do; the previous lists stay live then.
 */
export async function withdrawFromWorkspaceList(
  workspace: Workspace,
  items: ListSource,
  choices: Pick<ListChoices, "name" | "asOf" | "acceptShrink" | "acceptUnread"> & { readonly dryRun?: boolean },
  watch: ImportListOptions,
): Promise<WithdrawReport> {
  const { layout, signer, verifier, clock } = workspace
  const keeper = { signer, verifier, clock }
  const summary = await withdrawFromList({ ...choices, listsDir: layout.lists, items }, keeper, watch)
  if (choices.dryRun === true) return { summary }
  const indexVersion = await workspace.refreshIndex()
  const { name, version, changed, withdrawn, absent, counts, bad } = summary
  await workspace.record("list.withdrawn-from", {
    list: name,
    version,
    changed,
    withdrawn,
    absent,
    counts: { ...counts },
    bad: bad.count,
    indexVersion,
    people: "one-person",
  })
  return { summary, indexVersion }
}

async function makeLive(
  workspace: Workspace,
  event: "list.imported" | "list.added-to",
  summary: ImportSummary,
): Promise<ImportReport> {
  const indexVersion = await workspace.refreshIndex()
  await workspace.record(event, {
    list: summary.name,
    version: summary.version,
    changed: summary.changed,
    trust: summary.trust,
    counts: { ...summary.counts },
    bad: summary.bad.count,
    indexVersion,
    people: "one-person",
  })
  return { summary, indexVersion }
}

/** Returns every list's snapshot, in the order of names. */
export function listWorkspaceLists(workspace: Workspace): Promise<readonly Snapshot[]> {
  return listSnapshots(workspace.layout.lists, workspace.verifier)
}

/** Returns one list's snapshot. @throws {RequestError} `list_unknown`. */
export function showWorkspaceList(workspace: Workspace, name: string): Promise<Snapshot> {
  return showList({ listsDir: workspace.layout.lists, name }, workspace.verifier)
}

/**
 * Removes a list: its snapshots and every index that holds it are destroyed.
 *
 * @throws {RequestError} `list_unknown`.
 */
export async function removeWorkspaceList(workspace: Workspace, name: string): Promise<void> {
  const { layout, signer, verifier, clock } = workspace
  const pinnedVersions = () => pinnedIndexVersions(layout)
  const request = { listsDir: layout.lists, indexDir: layout.index, pinnedVersions, name }
  await removeList(request, { signer, verifier, clock })
  await workspace.refreshIndex()
  await workspace.record("list.removed", { list: name, people: "one-person" })
}
