import type { ListItem } from "@nightlight/core"
import { type ImportSummary, type ListKeeper, previousSnapshot, writeList } from "./import-list.ts"
import { listDigest } from "./snapshot-files.ts"
import { TEST_CARD_LIST, TEST_CARD_LIST_DIGEST, testCardRecords } from "./test-card-records.ts"

/**
 * Ensures that the workspace has the list of test cards of this release. Where it has, nothing is written.
 *
 * @throws {DependencyError} `locked`, `disk_full`, `write_failed`.
 * @throws {IntegrityError} `snapshot_untrusted` when the existing list was altered.
 */
export async function ensureTestCardList(
  listsDir: string,
  keeper: ListKeeper,
): Promise<Pick<ImportSummary, "version" | "changed">> {
  const { version, snapshot } = await previousSnapshot(listsDir, TEST_CARD_LIST, keeper.verifier)
  if (snapshot !== undefined && listDigest(snapshot) === TEST_CARD_LIST_DIGEST) return { version, changed: false }
  return writeList({ listsDir, name: TEST_CARD_LIST, items: cards(), trust: "test" }, keeper)
}

async function* cards(): AsyncGenerator<ListItem, void, undefined> {
  for (const [index, record] of testCardRecords().entries()) yield { ok: true, line: index + 1, record }
}
