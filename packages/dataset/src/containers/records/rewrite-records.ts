/**
 * Writes a text of records again without some of them.
 * @module
 */
import { DependencyError } from "@nightlight/core"
import { Verifier } from "../../output/verifier.ts"
import type { KeptItem } from "../decision.ts"
import { yieldEvery512 } from "../item-builder.ts"
import type { Fragment } from "./fragments.ts"

/**
 * Yields the fragments of kept records and of what stands around them, byte for byte. Where every record is kept, this
 * is the whole text.
 *
 * @param kept - By position; undefined: dropped.
 * @throws {DependencyError} `source_changed` if a record does not have its digest, or there are more or fewer of them.
 */
export async function* rewriteRecords(
  fragments: AsyncIterable<Fragment>,
  kept: readonly (KeptItem | undefined)[],
): AsyncGenerator<Uint8Array, void> {
  let position = 0
  let isAnyKept = false
  let verifier: Verifier | undefined
  let tailStays = false
  for await (const { kind, bytes, isEnd } of fragments) {
    const item = kept[position]
    if (kind === "frame" || (kind === "tail" && tailStays) || (kind === "lead" && item !== undefined && isAnyKept)) {
      yield bytes
    }
    if (kind !== "record") continue
    if (position >= kept.length) throw changed()
    if (item !== undefined) {
      verifier ??= new Verifier(item.sha256)
      verifier.update(bytes)
      yield bytes
    }
    if (isEnd !== true) continue
    verifier?.finish()
    verifier = undefined
    tailStays = item !== undefined
    isAnyKept ||= tailStays
    await yieldEvery512(++position)
  }
  if (position !== kept.length) throw changed()
}

function changed(): DependencyError {
  return new DependencyError("source_changed", "a text changed while it was copied")
}
