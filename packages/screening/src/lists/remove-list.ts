import { randomUUID } from "node:crypto"
import { renameSync } from "node:fs"
import { join } from "node:path"
import { RequestError } from "@nightlight/core"
import { type BuiltIndex, buildIndex } from "./build-index.ts"
import type { BuildIndexRequest } from "./build-request.ts"
import { attempt, syncFolder } from "./files.ts"
import type { ListKeeper } from "./import-list.ts"
import { assertListName } from "./list-name.ts"
import { readRemoval, writeRemoval } from "./removal.ts"
import { listFolder } from "./snapshot.ts"
import { TEST_CARD_LIST } from "./test-card-records.ts"
import { changeAlone, makeFolder, namesIn, remove, versionsIn } from "./versions.ts"

const REMOVING = ".removing-"

/**
 * Removes a list: its snapshots, and every index that contains it, once an index without it is live. A signed record
 * keeps its name and last version. If interrupted, repeat it.
 *
 * @throws {RequestError} `list_unknown`; `forbidden` for the list of test cards; `input_invalid`.
 * @throws {IntegrityError} as `buildIndex`; the list's own snapshot need not be authentic.
 * @throws {DependencyError} `locked` and as `buildIndex`.
 */
export async function removeList(
  request: BuildIndexRequest & { readonly name: string },
  keeper: ListKeeper,
): Promise<BuiltIndex> {
  const { listsDir, name } = request
  assertListName(name)
  if (name === TEST_CARD_LIST)
    throw new RequestError("forbidden", "the list of test cards cannot be removed: it proves that matching works")
  makeFolder(listsDir)
  await changeAlone(listsDir, name, `list ${name}`, () => dropSnapshots(listsDir, name, keeper))
  return buildIndex(request, keeper)
}

async function dropSnapshots(listsDir: string, name: string, keeper: ListKeeper): Promise<void> {
  const folder = listFolder(listsDir, name)
  const lastVersion = versionsIn(folder).at(-1)
  if (lastVersion === undefined) {
    const removal = await readRemoval(listsDir, name, keeper.verifier)
    if (removal === undefined) throw new RequestError("list_unknown", `no list ${name}`)
  } else {
    await writeRemoval(listsDir, { name, lastVersion }, keeper)
    // Renamed first, so that no reader sees half a list.
    attempt(() => renameSync(folder, join(listsDir, `${REMOVING}${name}-${randomUUID()}`)))
    await syncFolder(listsDir)
  }
  for (const left of namesIn(listsDir)) if (left.startsWith(REMOVING)) remove(join(listsDir, left))
}
