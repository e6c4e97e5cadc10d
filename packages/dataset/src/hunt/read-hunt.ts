/**
 * Reads the record of a hunt.
 * @module
 */
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { HUNT_FORMAT, HuntItem, HuntReport } from "@nightlight/contract"
import { hasCode, IntegrityError, RequestError } from "@nightlight/core"
import { checkDocument } from "@nightlight/durable"
import { namesIn } from "../names-in.ts"
import type { Workspace } from "../workspace/workspace.ts"

/** A hunt's report and items. */
export interface KeptHunt {
  readonly report: HuntReport
  readonly items: readonly HuntItem[]
}

/** Ids of the workspace's completed hunts, oldest first. */
export function huntIds({ layout }: Workspace): readonly string[] {
  return namesIn(layout.hunts)
    .filter((name) => /^h-\d{6}$/.test(name) && existsSync(join(layout.hunts, name, "hunt.json")))
    .sort()
}

/**
 * Reads a hunt.
 *
 * @throws {RequestError} `not_found`.
 * @throws {IntegrityError} `receipt_untrusted` if it is not what the workspace signed.
 */
export function readHunt({ layout, verifier }: Workspace, hunt: string): KeptHunt {
  if (!/^h-\d{6}$/.test(hunt)) throw new RequestError("not_found", "expected a hunt's name, such as h-000001")
  try {
    const document: unknown = JSON.parse(readFileSync(join(layout.hunts, hunt, "hunt.json"), "utf8"))
    const report = HuntReport.parse(checkDocument(document, HUNT_FORMAT, verifier))
    const text = readFileSync(join(layout.hunts, hunt, "items.ndjson"), "utf8")
    if (createHash("sha256").update(text).digest("hex") === report.itemsSha256) {
      const lines = text.split("\n").filter((line) => line !== "")
      return { report, items: lines.map((line) => HuntItem.parse(JSON.parse(line))) }
    }
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new RequestError("not_found", "there is no such hunt in this workspace")
  }
  throw new IntegrityError("receipt_untrusted", "a hunt's items are not what this workspace signed")
}
