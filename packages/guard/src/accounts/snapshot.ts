/**
 * Account records across a restart: one file of digests and counters, authenticated.
 * @module
 */
import { createHmac, timingSafeEqual } from "node:crypto"
import { readFile } from "node:fs/promises"
import { parseStrictJsonText } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
import { z } from "zod"
import type { AccountsState } from "./accounts.ts"

const State = z.strictObject({
  accounts: z
    .array(
      z.tuple([
        z.string().regex(/^[0-9a-f]{32}$/),
        z.number().min(0).max(1_000_000),
        z.number().min(0),
        z.enum(["adult", "minor", "unknown_young", "unknown"]),
      ]),
    )
    .max(1_000_000),
})

/** Writes the file (0600): whole or not at all. */
export async function writeSnapshot(path: string, state: AccountsState, key: Uint8Array): Promise<void> {
  const body = JSON.stringify(state)
  await writeFileAtomic(path, `${macOf(body, key)}\n${body}`, 0o600)
}

/**
 * Reads a snapshot. @returns `missing`, or `damaged` where this guard did not write it: then the accounts begin empty.
 */
export async function readSnapshot(path: string, key: Uint8Array): Promise<AccountsState | "missing" | "damaged"> {
  const text = await readFile(path, "utf8").catch(() => undefined)
  if (text === undefined) return "missing"
  const [mac, body] = [text.slice(0, 64), text.slice(65)]
  const expected = Buffer.from(macOf(body, key))
  const given = Buffer.from(mac)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return "damaged"
  try {
    return State.parse(parseStrictJsonText(body))
  } catch {
    return "damaged"
  }
}

function macOf(body: string, key: Uint8Array): string {
  return createHmac("sha256", key).update(`nightlight-accounts-v1\n${body}`).digest("hex")
}
