/**
 * The recipients for which evidence was last allowed to be rewrapped. The record is authenticated under the private
 * halves, which only the passphrase opens, so write access to the workspace is not enough to forge it.
 * @module
 */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { canonicalJson, hasCode, RequestError } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
import {
  activeRecipients,
  describeRecipientChange,
  type HeaderMaker,
  headersFor,
  recipientsDigest,
} from "@nightlight/vault"
import type { WorkspaceLayout } from "../workspace/layout.ts"
import type { Workspace } from "../workspace/workspace.ts"

const FORMAT = "nightlight-accepted-recipients/1"
const KEY_BYTES = 32
const MAX_CODES = 64

/**
 * Makes headers with the private halves, for the recipients that a person accepted.
 *
 * @param accept - Digest of the set that is accepted now, as the refusal named it.
 * @returns a function for `rewrapEvidence`. It throws {@link RequestError} `state_conflict`, with the digest in
 * `details.accept`, if the manifest names other recipients than were accepted.
 */
export function acceptedHeaders(
  identities: readonly string[],
  accept: string | undefined,
): (fresh: Workspace) => Promise<HeaderMaker> {
  return async ({ layout, manifest }) => {
    const active = activeRecipients(manifest)
    const recipients = active.map(({ recipient }) => recipient)
    const change = describeRecipientChange(active, await readAccepted(layout, identities))
    const digest = recipientsDigest(recipients)
    if (change !== undefined && accept !== digest) {
      throw new RequestError("state_conflict", change, {
        details: { reason: "recipients-not-accepted", accept: digest },
        hint: `Compare each key with its holder, then run: nightlight keys rewrap --accept-recipients ${digest}`,
      })
    }
    if (change !== undefined) await writeAccepted(layout, recipients, identities)
    return headersFor(identities, recipients)
  }
}

/** Records accepted recipients, under each of the private halves. */
export async function writeAccepted(
  { keys }: Pick<WorkspaceLayout, "keys">,
  recipients: readonly string[],
  identities: readonly string[],
): Promise<void> {
  const codes = identities.map((identity) => codeOf(recipients, identity).toString("base64url"))
  await writeFileAtomic(pathOf(keys), `${JSON.stringify({ format: FORMAT, recipients, codes }, null, 2)}\n`, 0o600)
}

/**
 * The recorded recipients; `undefined` where there are none, or none that one of these private halves authenticates.
 */
async function readAccepted(
  { keys }: WorkspaceLayout,
  identities: readonly string[],
): Promise<readonly string[] | undefined> {
  const text = await readFile(pathOf(keys), "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return ""
    throw error
  })
  const { recipients, codes } = parse(text)
  if (!isTexts(recipients) || !isTexts(codes) || codes.length > MAX_CODES) return undefined
  const given = codes.map((code) => Buffer.from(code, "base64url"))
  const isVouched = identities.some((identity) => {
    const made = codeOf(recipients, identity)
    return given.some((code) => code.length === made.length && timingSafeEqual(code, made))
  })
  return isVouched ? recipients : undefined
}

function codeOf(recipients: readonly string[], identity: string): Buffer {
  const key = new Uint8Array(hkdfSync("sha256", identity, "nightlight-workspace/1", FORMAT, KEY_BYTES))
  return createHmac("sha256", key).update(canonicalJson(recipients)).digest()
}

function parse(text: string): { readonly recipients?: unknown; readonly codes?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as object
  } catch {
    return {}
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string")
}

function pathOf(keys: string): string {
  return join(keys, "recipients.accepted.json")
}
