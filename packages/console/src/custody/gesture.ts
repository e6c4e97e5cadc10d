/**
 * Shows what is about to be signed before the browser asks for a passkey: its own dialog does not show it.
 * @module
 */
import type { SignedKind } from "@nightlight/contract/custodian"
import { CallError } from "../api/problem.ts"

/** A document to sign with a passkey, and its kind. */
export interface GestureRequest {
  readonly kind: SignedKind
  readonly document: SignableDocument
}

/** The canonical JSON of a document to sign. */
export type SignableDocument = { readonly [key: string]: Signable }
type Signable = string | number | boolean | null | readonly Signable[] | { readonly [key: string]: Signable }

type Ask = (request: GestureRequest) => Promise<boolean>

/** Set by the shell: shows the dialog, and resolves with the person's answer. */
let ask: Ask | undefined

/** Registers the dialog. */
export function onGesture(way: Ask): void {
  ask = way
}

/** Shows the document. @throws {CallError} `passkey_declined` if the person does not want to sign. */
export async function askGesture(request: GestureRequest): Promise<void> {
  const isWanted = ask !== undefined && (await ask(request))
  if (!isWanted) throw new CallError("passkey_declined", "nothing was signed", 0)
}
