/**
 * Plain files: folders of pictures with their captions and tables.
 * @module
 */
import type { LooseContainer, WrittenPart } from "../container.ts"
import { copyFiles, keptFiles } from "../copy-files.ts"
import { checkTables } from "../tables/check-tables.ts"
import { inReadingOrder, readFileSamples } from "./samples.ts"

/** Plain files, gathered in shards of some hundred. */
export const files: LooseContainer = {
  title: "folders of plain files",
  layout: "loose",
  samples: ({ listing }, builder) => readFileSamples(listing.store, listing.files, builder),
  async writeClean(copy, signal): Promise<WrittenPart> {
    const { listing, decision, output, written } = copy
    const kept = keptFiles(inReadingOrder(listing.files), decision.kept)
    const checked = copy.isLast ? await checkTables(kept, copy, signal) : { files: kept, droppedRows: 0, stale: [] }
    await copyFiles({ store: listing.store, files: checked.files }, output, written, signal)
    const { droppedRows, stale } = checked
    return { itemsWritten: checked.files.length, leftOut: stale.length, droppedRows, stale }
  },
}
