/**
 * Zip shards.
 * @module
 */
import type { PackedContainer } from "../container.ts"
import { openShardFile, type WriteShardFile, writePacked } from "../packed.ts"
import { isCalledTar } from "../tar/detect.ts"
import { cleanZip, type ZipRewrite } from "./clean.ts"
import { readZipDirectory } from "./directory.ts"
import { purgedZip } from "./purged.ts"
import { readZipSamples } from "./samples.ts"

const ENDING = ".zip"

/** Zip files. */
export const zip: PackedContainer = {
  title: "zip files",
  layout: "packed",
  endings: [ENDING],
  besides: [".parquet", "_stats.json"],
  // By name too, since many other formats are zips inside (npz, pt, docx); a zip with a tar's name was meant as a
  // shard.
  detect: ({ name, archive }) => archive === "zip" && (name.toLowerCase().endsWith(ENDING) || isCalledTar(name)),
  async *samples(shard, builder) {
    using source = openShardFile(shard)
    const directory = await readZipDirectory(source, shard.limits)
    yield* readZipSamples(
      { source, directory, path: source.rangePath, open: () => openShardFile(shard) },
      builder,
      shard.limits,
    )
  },
  writeClean: (copy, signal) => writePacked(copy, writeZip(cleanZip), signal),
  writePurged: (copy, signal) => writePacked(copy, writeZip(purgedZip), signal),
}

function writeZip(bytesOf: (rewrite: ZipRewrite) => AsyncIterable<Uint8Array>): WriteShardFile {
  return async (source, { copy: { limits, decision }, sink, outcome }) => {
    await sink(bytesOf({ source, directory: await readZipDirectory(source, limits), decision, outcome }))
  }
}
