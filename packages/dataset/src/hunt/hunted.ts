/**
 * The list versions that earlier hunts searched for in a scan, so that the next hunt searches only for newer entries.
 * @module
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { hasCode, IntegrityError, type Signer, type Verifier } from "@nightlight/core"
import { checkDocument, signDocument, writeFileAtomic } from "@nightlight/durable"
import { z } from "zod"
import type { ScanFolder } from "../scan/scan-folder.ts"
import type { ListVersions } from "./changes.ts"

const FORMAT = "nightlight-hunted/1"
const Hunted = z.object({ lists: z.record(z.string(), z.int().nonnegative()) })

/** Reads the hunted versions; empty where no hunt was. @throws {IntegrityError} `receipt_untrusted`. */
export function readHunted(folder: ScanFolder, verifier: Verifier): ListVersions {
  try {
    return Hunted.parse(checkDocument(JSON.parse(readFileSync(pathOf(folder), "utf8")), FORMAT, verifier)).lists
  } catch (error) {
    if (hasCode(error, "ENOENT")) return {}
    throw new IntegrityError("receipt_untrusted", "a scan's record of hunts is not what this workspace signed")
  }
}

/** Records the hunted versions. @throws {DependencyError} `disk_full`, `write_failed`. */
export async function writeHunted(folder: ScanFolder, lists: ListVersions, signer: Signer): Promise<void> {
  const document = signDocument({ format: FORMAT, lists }, signer)
  await writeFileAtomic(pathOf(folder), `${JSON.stringify(document, null, 2)}\n`, 0o600)
}

function pathOf(folder: ScanFolder): string {
  return join(folder.path, "hunted.json")
}
