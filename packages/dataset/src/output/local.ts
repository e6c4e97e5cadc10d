/**
 * Output to a folder: files are written below a temporary folder in it, and renamed into place.
 * @module
 */
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { hasCode, RequestError } from "@nightlight/core"
import { NewFile } from "@nightlight/durable"
import { namesIn } from "../names-in.ts"
import type { FileSource } from "../readers/source.ts"
import { claimOutput, isClaim, removeLeftClaim } from "./claim.ts"
import { type CopiedFile, filesOfCopy, removeFromCopy, stampOf } from "./copied-files.ts"
import { OUTPUT_NAME, syncFolder, writing } from "./errors.ts"
import { assertOutputApart, type OutputFolder, openOutputFolder } from "./folder.ts"
import type { CleanOutput, OutputFile, OutputPlace, WrittenFile } from "./output.ts"
import { isReservedFor, releaseOutput, reserveOutput } from "./reservation.ts"

/** A folder that shards are written to; created if absent. It must lie outside every source. */
export function localOutput(outDir: string): OutputPlace {
  return {
    async claim() {
      assertFolder(outDir)
      return await claimOutput(outDir)
    },
    removeLeftClaim: () => removeLeftClaim(outDir),
    reserve: (owner) => reserveOutput(outDir, owner),
    isReservedFor: async (owner) => isReservedFor(outDir, owner),
    release: (owner) => releaseOutput(outDir, owner),
    isEmpty: async () => namesIn(outDir).every(isClaim),
    files: (signal) => filesOfCopy(outDir, signal),
    remove: (paths) => removeFromCopy(outDir, paths),
    async open({ id, listing }) {
      assertOutputApart(listing.sources, outDir)
      const folder = await writing(() => openOutputFolder(outDir, id))
      await writing(() => {
        // A shard that is copied again may be decided differently, so nothing of the earlier copy may stay.
        for (const { path } of [...listing.files, ...listing.sidecars]) folder.remove(path)
      })
      return new LocalOutput(folder)
    },
  }
}

class LocalOutput implements CleanOutput {
  readonly #folder: OutputFolder
  readonly #files = new Map<OutputFile, NewFile>()
  #begun = 0

  constructor(folder: OutputFolder) {
    this.#folder = folder
  }

  async begin(): Promise<OutputFile> {
    const path = join(this.#folder.temporary, String(this.#begun++))
    const made = await NewFile.create(path, { what: OUTPUT_NAME, mode: 0o644 })
    this.#files.set(made, made)
    return made
  }

  async existing(): Promise<(path: Buffer) => boolean> {
    return (path) => this.#folder.has(path)
  }

  async openCopied(path: Buffer): Promise<FileSource | undefined> {
    return this.#folder.open(path)
  }

  stampsOf(written: readonly WrittenFile[]): readonly CopiedFile[] {
    return written.map(({ path, made }) => ({ path, ...stampOf(this.#files.get(made)?.path ?? "") }))
  }

  async publish(written: readonly WrittenFile[]): Promise<boolean> {
    for (const { path, made } of written) {
      await this.#files.get(made)?.moveTo(await writing(() => this.#folder.place(path)))
    }
    for (const changed of this.#folder.changed.values()) await syncFolder(changed)
    return false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const made of this.#files.values()) await made[Symbol.asyncDispose]()
    await rm(this.#folder.temporary, { recursive: true, force: true })
  }
}

/** A file in the place of the output is refused before anything is made there. */
function assertFolder(path: string): void {
  try {
    namesIn(path)
  } catch (error) {
    if (!hasCode(error, "ENOTDIR")) throw error
    throw new RequestError("output_conflict", "the output is not a folder")
  }
}
