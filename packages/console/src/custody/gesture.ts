/**
 * Says what is about to be signed before a passkey asks for its gesture: the browser's own dialog does not show it.
 * @module
 */
import type { SignedKind } from "@nightlight/contract/custodian"
import { CallError } from "../api/problem.ts"

/** What a gesture would sign. */
export interface GestureRequest {
  readonly kind: SignedKind
  readonly document: SignableDocument
}

/** A document as it is signed: its canonical JSON. */
export type SignableDocument = { readonly [key: string]: Signable }
type Signable = string | number | boolean | null | readonly Signable[] | { readonly [key: string]: Signable }

type Ask = (request: GestureRequest) => Promise<boolean>

/** Set by the shell: shows the dialog, and resolves with what the person answered. */
let ask: Ask | undefined

/** Tells how a person is asked. */
export function onGesture(way: Ask): void {
  ask = way
}

/** Asks the person. @throws {CallError} `passkey_declined` if they do not want to sign. */
export async function askGesture(request: GestureRequest): Promise<void> {
  const isWanted = ask !== undefined && (await ask(request))
  if (!isWanted) throw new CallError("passkey_declined", "nothing was signed", 0)
}
