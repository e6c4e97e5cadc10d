/**
 * Adds a new private half to the custodian's existing ones.
 * @module
 */
import { readFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { hasCode, RequestError } from "@nightlight/core"
import { writeFileAtomic, writeFileExclusive } from "@nightlight/durable"
import { readKeyFile, recipientOf, unlockIdentity } from "@nightlight/vault"
import { parseDocument } from "yaml"
import { parseConfig, readConfig } from "../config.ts"
import { custodianLayout } from "../layout.ts"

/**
 * Copies a protected private half into a custodian's folder and makes it the present one; earlier ones stay, so that
 * nothing is lost until all is rewrapped. The configuration changes last and in one step. The custodian uses it from
 * its next start; repeating the call is safe.
 *
 * @param dir - The custodian's folder, absolute.
 * @param identityFile - Protected by the same passphrase as the others.
 * @throws {RequestError} `passphrase_wrong`, `key_malformed`; `not_found` if there is no custodian; `state_conflict` if
 *   the configuration names too many private halves.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function addCustodianIdentity(dir: string, identityFile: string, passphrase: string): Promise<void> {
  const layout = custodianLayout(dir)
  const { identities, recipient: present } = await readConfig(layout.config)
  const text = await readKeyFile(identityFile, 0o077)
  const recipient = await recipientOf(await unlockIdentity(text, passphrase))
  await unlockIdentity(await readKeyFile(identities[0] ?? layout.identity, 0o077), passphrase)
  if (recipient === present) return
  const name = `identity-${recipient.slice("age1".length, "age1".length + 8)}.age`
  await writeFileExclusive(join(dir, name), text, 0o600).catch((error: unknown) => {
    // Left by a call that was killed: the name is derived from the key.
    if (!hasCode(error, "state_conflict")) throw error
  })
  const document = parseDocument(await readFile(layout.config, "utf8"))
  const own = identities.map((path) => (path === join(dir, basename(path)) ? basename(path) : path))
  document.set("recipient", recipient)
  document.set("identities", [name, ...own])
  const next = document.toString()
  try {
    parseConfig(next)
  } catch {
    throw new RequestError("state_conflict", "custodian.yaml cannot name another private half", {
      hint: "Remove from `identities` those that open nothing any more: nightlight keys status lists them.",
    })
  }
  await writeFileAtomic(layout.config, next, 0o600)
}

/**
 * Checks that a custodian's present key is the one that evidence is about to be sealed to.
 *
 * @throws {RequestError} `state_conflict` unless it is; `not_found` if there is no custodian.
 */
export async function assertCustodianHas(dir: string, recipient: string): Promise<void> {
  const config = await readConfig(custodianLayout(dir).config)
  if (config.recipient === recipient) return
  throw new RequestError("state_conflict", "the custodian does not have the private half of this key yet", {
    hint: "Put it into the custodian's folder, name it first under `identities` and as `recipient` in custodian.yaml.",
  })
}
