import { DependencyError } from "@nightlight/core"
import type { ShardPlan } from "../plan/types.ts"
import type { ListedFile, ShardListing } from "../readers/listing.ts"
import type { Workspace } from "../workspace/workspace.ts"

/** A plain file that states something about others. */
export interface StatingFile {
  readonly shard: ShardPlan
  readonly listing: ShardListing
  readonly file: ListedFile
}

/**
 * Replaces a file in one step.
 *
 * @throws {DependencyError} `write_failed`, `disk_full`, `source_changed`.
 */
export async function replaceFile(
  { signer }: Pick<Workspace, "signer">,
  { shard, listing, file }: StatingFile,
  bytes: Uint8Array,
): Promise<void> {
  const place = listing.store.editor?.replacement(signer.keyId)
  if (place === undefined) throw new DependencyError("write_failed", "this dataset can only be read")
  const { sources } = listing
  await using output = await place.open({ id: shard.id, listing: { sources, files: [file], sidecars: [] } })
  const made = await output.begin(file.path)
  await made.write(bytes)
  await made.finish()
  await output.publish([{ path: file.path, made }])
}
