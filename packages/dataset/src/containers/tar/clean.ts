/**
 * Produces the bytes of a clean tar.
 * @module
 */
import { DependencyError } from "@nightlight/core"
import { Verifier } from "../../output/verifier.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import type { KeptItem } from "../decision.ts"
import { yieldEvery512 } from "../item-builder.ts"
import { readTarEntries, type TarMember } from "./entries.ts"
import { BLOCK_BYTES } from "./header.ts"
import type { TarInput } from "./input.ts"

/** Size to which `tar` pads archives. */
const RECORD_BYTES = 20 * BLOCK_BYTES
const CHUNK_BYTES = 2 ** 20

/**
 * Yields a clean tar's bytes piece by piece: the kept members' own blocks, including headers, byte for byte and in
 * their order. Where nothing is dropped the source's end is kept too, else a new one is written.
 *
 * @param kept - By position among the members that are not folders.
 * @throws {DependencyError} `source_changed` if a member's bytes do not have its digest.
 */
export async function* cleanTar(
  input: TarInput,
  kept: readonly (KeptItem | undefined)[],
  limits: ReaderLimits,
): AsyncGenerator<Uint8Array, void> {
  const recorder = recordReads(input)
  let position = 0
  let written = 0
  let isWhole = true
  for await (const entry of readTarEntries(recorder.input, limits)) {
    const headers = recorder.take()
    if (entry.kind === "end") {
      if (position !== kept.length) throw changed()
      yield new Uint8Array(isWhole ? entry.zeroBytes : endBytes(written))
      return
    }
    await yieldEvery512(position)
    const isFolder = entry.kind === "folder" && entry.refused === undefined
    if (!isFolder && position >= kept.length) throw changed()
    const item = isFolder ? undefined : kept[position++]
    if (isFolder || item !== undefined) {
      for (const header of headers) yield header
      if (item !== undefined) yield* memberData(input, entry, new Verifier(item.sha256))
      written += entry.end - entry.start
    } else {
      isWhole = false
    }
  }
}

async function* memberData(input: TarInput, entry: TarMember, verifier: Verifier): AsyncGenerator<Uint8Array, void> {
  for (let missing = entry.sizeBytes; missing > 0; ) {
    const bytes = await input.read(Math.min(missing, CHUNK_BYTES))
    if (bytes.length === 0) throw changed()
    verifier.update(bytes)
    missing -= bytes.length
    yield bytes
  }
  verifier.finish()
  const padding = entry.end - entry.dataStart - entry.sizeBytes
  if (padding > 0) yield new Uint8Array(padding)
}

function endBytes(written: number): number {
  const end = written + 2 * BLOCK_BYTES
  return Math.ceil(end / RECORD_BYTES) * RECORD_BYTES - written
}

/** Records what the parser reads, so that headers can be written unchanged. */
function recordReads(input: TarInput): { readonly input: TarInput; take(): readonly Uint8Array[] } {
  let reads: Uint8Array[] = []
  return {
    input: {
      get position() {
        return input.position
      },
      read: async (length) => {
        const bytes = await input.read(length)
        reads.push(bytes)
        return bytes
      },
      skipTo: (position) => input.skipTo(position),
    },
    take() {
      const taken = reads
      reads = []
      return taken
    },
  }
}

function changed(): DependencyError {
  return new DependencyError("source_changed", "a tar changed while it was copied")
}
