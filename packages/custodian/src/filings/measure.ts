import { createHash } from "node:crypto"
import type { GrantedEvidence } from "@nightlight/contract/custodian"
import type { JsonValue } from "@nightlight/core"
import type { FileDigests } from "../filing-authorisations/template.ts"
import { refusal } from "../refusal.ts"
import { EvidenceError, type Opener } from "../viewings/opener.ts"

/** The custodian's measurements of a file's evidence. */
export interface MeasuredFile extends FileDigests {
  readonly sizeBytes: number
  /** The account that was sealed with it, if any. */
  readonly account: string | undefined
}

/**
 * Reads a file's evidence before anything is sent, so that a filing is not begun with evidence that does not open.
 *
 * @throws {RequestError} `state_conflict` (`evidence-faulty`) if it does not open to what was granted, or has no
 *   content.
 */
export async function measure(
  granted: GrantedEvidence,
  { opener }: { readonly opener: Opener },
): Promise<MeasuredFile> {
  const hash = createHash("md5")
  const sha1 = createHash("sha1")
  const sha256 = createHash("sha256")
  let sizeBytes = 0
  try {
    const { header, content } = await opener.open(granted)
    for await (const chunk of content) {
      hash.update(chunk)
      sha1.update(chunk)
      sha256.update(chunk)
      sizeBytes += chunk.length
    }
    if (!header.hasContent)
      throw refusal("evidence-faulty", "only the place of this item was recorded, not its content", { fault: "absent" })
    return {
      md5: hash.digest("hex"),
      sha1: sha1.digest("hex"),
      sha256: sha256.digest("hex"),
      sizeBytes,
      account: accountIn(header.provenance),
    }
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error
    throw refusal("evidence-faulty", "the evidence does not open to what was granted", { fault: error.fault })
  }
}

/** The end user that the operator's own channel named when the evidence was sealed. */
function accountIn(provenance: JsonValue): string | undefined {
  if (typeof provenance !== "object" || provenance === null || Array.isArray(provenance)) return undefined
  const { account } = provenance as Readonly<Record<string, JsonValue | undefined>>
  return typeof account === "string" && account !== "" ? account : undefined
}
