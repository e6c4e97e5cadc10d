import type { ListItem } from "@nightlight/core"
import { type ImportSummary, type ListKeeper, writeList } from "./import-list.ts"
import { TEST_CARD_LIST, testCardRecords } from "./test-card-records.ts"

/**
 * Ensures that the workspace has the list of test cards of this release.
 *
 * @throws {DependencyError} `locked`, `disk_full`, `write_failed`.
 * @throws {IntegrityError} `snapshot_untrusted` when the existing list was altered.
 */
export function ensureTestCardList(listsDir: string, keeper: ListKeeper): Promise<ImportSummary> {
  return writeList({ listsDir, name: TEST_CARD_LIST, items: cards(), trust: "test" }, keeper)
}

async function* cards(): AsyncGenerator<ListItem, void, undefined> {
  for (const [index, record] of testCardRecords().entries()) yield { ok: true, line: index + 1, record }
}
