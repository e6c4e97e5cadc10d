/**
 * Reads what a hunt kept.
 * @module
 */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { HUNT_FORMAT, HuntFind, HuntReport } from "@nightlight/contract"
import { hasCode, IntegrityError, RequestError } from "@nightlight/core"
import { checkDocument } from "@nightlight/vault"
import type { Workspace } from "../workspace/open.ts"

/**
 * Reads the finds of a hunt.
 *
 * @throws {RequestError} `not_found`.
 * @throws {IntegrityError} `receipt_untrusted` if they are not what the workspace signed.
 */
export function readHuntFinds({ layout, verifier }: Workspace, hunt: string): readonly HuntFind[] {
  if (!/^h-\d{6}$/.test(hunt)) throw new RequestError("not_found", "expected a hunt's name, such as h-000001")
  try {
    const document: unknown = JSON.parse(readFileSync(join(layout.hunts, hunt, "hunt.json"), "utf8"))
    const report = HuntReport.parse(checkDocument(document, HUNT_FORMAT, verifier))
    const text = readFileSync(join(layout.hunts, hunt, "finds.ndjson"), "utf8")
    if (createHash("sha256").update(text).digest("hex") === report.findsSha256) {
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => HuntFind.parse(JSON.parse(line)))
    }
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new RequestError("not_found", "there is no such hunt in this workspace")
  }
  throw new IntegrityError("receipt_untrusted", "a hunt's finds are not what this workspace signed")
}
