/**
 * Reads the receipts of purges.
 * @module
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { PURGE_FORMAT, PurgeReceipt } from "@nightlight/contract"
import { IntegrityError } from "@nightlight/core"
import { checkDocument } from "@nightlight/durable"
import { namesIn } from "../names-in.ts"
import type { Workspace } from "../workspace/workspace.ts"

/**
 * Reads all of them, oldest first.
 *
 * @throws {IntegrityError} `receipt_untrusted` if one is not what the workspace signed.
 */
export function readPurges({ layout, verifier }: Workspace): readonly PurgeReceipt[] {
  return namesIn(layout.purges)
    .filter((name) => /^p-\d{6}\.json$/.test(name))
    .sort()
    .map((name) => {
      try {
        const document: unknown = JSON.parse(readFileSync(join(layout.purges, name), "utf8"))
        return PurgeReceipt.parse(checkDocument(document, PURGE_FORMAT, verifier))
      } catch {
        throw new IntegrityError("receipt_untrusted", "a purge's receipt is not what this workspace signed")
      }
    })
}
