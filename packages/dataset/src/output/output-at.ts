/**
 * The place that `--out` names: a folder, or a prefix of a bucket.
 * @module
 */
import { resolve } from "node:path"
import { RequestError } from "@nightlight/core"
import type { PlannedSource } from "../readers/listing.ts"
import { assertApartFrom, parseS3Address, s3Address, storeKindOf } from "../stores/address.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { assertOutputApart } from "./folder.ts"
import { localOutput } from "./local.ts"
import type { OutputPlace } from "./output.ts"

/**
 * Resolves `--out`: an absolute path, or an address without a slash at its end.
 *
 * @throws {RequestError} `input_invalid` for an address that cannot be written to.
 */
export function resolveOutput(out: string): string {
  switch (storeKindOf(out)) {
    case "s3": {
      const { bucket, key } = parseS3Address(out)
      return s3Address(bucket, key)
    }
    case "hub":
      throw new RequestError("input_invalid", "a repository of the Hugging Face Hub can only be read", {
        hint: "Write the clean copy to a folder or a bucket, and upload it from there.",
      })
    case "local":
      if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(out)) return resolve(out)
      throw new RequestError("input_invalid", "expected a folder or an address such as s3://bucket/prefix")
  }
}

/** Asserts that an output touches no source. @throws {RequestError} `output_conflict`. */
export function assertApart(sources: readonly PlannedSource[], out: string): void {
  if (storeKindOf(out) === "s3") assertApartFrom(sources, out)
  else assertOutputApart(sources, out)
}

/** Opens the output that a scan's record names. */
export async function outputAt(
  out: string,
  { config, keyed }: Pick<Workspace, "config" | "keyed">,
): Promise<OutputPlace> {
  if (storeKindOf(out) === "local") return localOutput(out)
  const { s3Output } = await import("../stores/s3/output.ts")
  return s3Output(out, config.s3, keyed.of("output", out))
}
