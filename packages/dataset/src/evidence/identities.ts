/**
 * Unlocks the private halves that open evidence, for one command; they are stored nowhere.
 * @module
 */
import { readFile } from "node:fs/promises"
import { resolve } from "node:path"
import { hasCode, RequestError } from "@nightlight/core"
import { unlockIdentity } from "@nightlight/vault"
import { identityPath } from "../workspace/layout.ts"
import type { Workspace } from "../workspace/workspace.ts"

/**
 * Unlocks the private halves in a workspace, and those in other files.
 *
 * @param files - paths of encrypted identities elsewhere, such as on the recovery medium.
 * @returns `AGE-SECRET-KEY-1...`, in memory only.
 * @throws {RequestError} `not_found` if there is none at all, or a named file is missing; `passphrase_wrong`.
 */
export async function unlockIdentities(
  workspace: Workspace,
  passphrase: string,
  files: readonly string[] = [],
): Promise<readonly string[]> {
  const { layout, manifest } = workspace
  const texts = [
    ...(await Promise.all(manifest.recipients.map(({ id }) => readIfThere(identityPath(layout, id))))),
    ...(await Promise.all(files.map((file) => readNamed(resolve(file))))),
  ].filter((text) => text !== undefined)
  if (texts.length === 0) {
    throw new RequestError("not_found", "this workspace has no private key", {
      hint: "The custodian's or the recovery key opens evidence: name its file by --identity.",
    })
  }
  return Promise.all(texts.map((text) => unlockIdentity(text, passphrase)))
}

async function readNamed(path: string): Promise<string> {
  const text = await readIfThere(path)
  if (text === undefined) throw new RequestError("not_found", `there is no identity file ${path}`)
  return text
}

/** Reads a text; `undefined` where there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return undefined
    throw error
  })
}
