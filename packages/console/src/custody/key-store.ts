/**
 * Stores a person's signing key, made in this browser, in IndexedDB. The private half is not extractable, so the server
 * can neither read it nor sign with it.
 * @module
 */
import type { CustodyKeyPair } from "@nightlight/contract/custodian"

const DATABASE = "nightlight"
const STORE = "keys"

/** A person's key in this browser; `undefined` if there is none. */
export async function readPersonKey(person: string): Promise<CustodyKeyPair | undefined> {
  const found = await inStore("readonly", (store) => store.get(person) as IDBRequest<CustodyKeyPair | undefined>)
  return found ?? undefined
}

/** Stores a person's key and replaces an earlier one. */
export async function keepPersonKey(person: string, key: CustodyKeyPair): Promise<void> {
  await inStore("readwrite", (store) => store.put(key, person))
}

async function inStore<Result>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const database = await answer(opened())
  try {
    return await answer(work(database.transaction(STORE, mode).objectStore(STORE)))
  } finally {
    database.close()
  }
}

function opened(): IDBOpenDBRequest {
  const request = indexedDB.open(DATABASE, 1)
  request.onupgradeneeded = () => request.result.createObjectStore(STORE)
  return request
}

function answer<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error("the browser's storage does not answer"))
  })
}
