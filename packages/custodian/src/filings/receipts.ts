/**
 * The receipts of finished reports, which count as the provider's notification (18 USC 2258A(h)(1)): byte for byte,
 * sealed to the custodian's own key. A server that was killed before it stored one gets it from here.
 * @module
 */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { ensureDirPrivate, writeFileAtomic } from "@nightlight/durable"
import type { Keyring } from "../keys/keyring.ts"
import { openText, sealText } from "../keys/sealed-text.ts"
import type { AttemptStep } from "./filing-book.ts"

/** Stores receipts. */
export interface Receipts {
  /**
   * Stores the receipt of an attempt durably.
   *
   * @returns Whether it could be stored: a full disk does not undo that the report is filed.
   */
  keep(step: AttemptStep, received: Uint8Array): Promise<boolean>
  /** The receipt of an attempt, in base64; `undefined` if there is none, or it cannot be read. */
  read(step: AttemptStep): Promise<string | undefined>
}

/** Folder and keys of stored receipts. */
export interface ReceiptOptions {
  readonly dir: string
  /** The custodian's own recipient. */
  readonly recipient: string
  readonly keyring: Pick<Keyring, "identities">
}

/** Makes the store; its folder is made with the first receipt. */
export function createReceipts({ dir, recipient, keyring }: ReceiptOptions): Receipts {
  return {
    async keep(step, received) {
      try {
        await ensureDirPrivate(dir)
        const sealed = await sealText(Buffer.from(received).toString("base64"), recipient)
        await writeFileAtomic(pathOf(dir, step), sealed, 0o600)
        return true
      } catch {
        return false
      }
    },
    async read(step) {
      try {
        return await openText(await readFile(pathOf(dir, step)), keyring.identities())
      } catch {
        return undefined
      }
    },
  }
}

/** A grant's id comes from outside: no part of it becomes a path. */
function pathOf(dir: string, { grantId, attempt }: AttemptStep): string {
  const name = createHash("sha256").update(`${grantId} ${attempt}`).digest("hex")
  return join(dir, `${name}.age`)
}
