/**
 * Zip shards.
 * @module
 */
import type { PackedContainer } from "../container.ts"
import { openShardFile, writePacked } from "../packed.ts"
import { isCalledTar } from "../tar/detect.ts"
import { cleanZip } from "./clean.ts"
import { readZipDirectory } from "./directory.ts"
import { purgedZip } from "./purged.ts"
import { readZipSamples } from "./samples.ts"

const ENDING = ".zip"

/** Zip files. */
export const zip: PackedContainer = {
  title: "zip files",
  layout: "packed",
  endings: [ENDING],
  // By name too, since many other formats are zips inside (npz, pt, docx); a zip with a tar's name was meant as a
  // shard.
  detect: ({ name, archive }) => archive === "zip" && (name.toLowerCase().endsWith(ENDING) || isCalledTar(name)),
  async *samples(shard, builder) {
    using source = openShardFile(shard)
    const directory = await readZipDirectory(source, shard.limits)
    yield* readZipSamples({ source, directory, path: source.rangePath }, builder, shard.limits)
  },
  writeClean: (copy, signal) =>
    writePacked(
      copy,
      async (source, { sink, outcome }) => {
        await sink(cleanZip(source, await readZipDirectory(source, copy.limits), copy.decision, outcome))
      },
      signal,
    ),
  writePurged: (copy, signal) =>
    writePacked(
      copy,
      async (source, { sink, outcome }) => {
        await sink(purgedZip(source, await readZipDirectory(source, copy.limits), copy.decision, outcome))
      },
      signal,
    ),
}
