/**
 * Addresses of datasets in stores: `s3://bucket/prefix`, `hf://datasets/OWNER/NAME@REVISION/path`.
 * @module
 */
import { RequestError } from "@nightlight/core"
import type { PlannedSource } from "../readers/listing.ts"

/** The stores that an address may name; `local` is a path. */
export type StoreKind = "local" | "s3" | "hub"

/** Which store a text names. Other URLs are paths to it, which a local plan refuses. */
export function storeKindOf(text: string): StoreKind {
  if (/^s3:\/\//i.test(text)) return "s3"
  return /^hf:\/\//i.test(text) ? "hub" : "local"
}

/** Whether a text is an address in a store, not a path. */
export function isStoreAddress(text: string): boolean {
  return storeKindOf(text) !== "local"
}

/** A place in a bucket. */
export interface S3Address {
  readonly bucket: string
  /** Without slashes at its ends; empty for the whole bucket. */
  readonly key: string
  /** Whether it ends with a slash, and so can only be a prefix. */
  readonly isFolder: boolean
}

const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/

/**
 * Parses `s3://bucket/key`.
 *
 * @throws {RequestError} `input_invalid` for a bucket that no store accepts, and a key with empty parts, `.` or `..`.
 */
export function parseS3Address(text: string): S3Address {
  const rest = text.slice("s3://".length)
  const slash = rest.indexOf("/")
  const bucket = slash === -1 ? rest : rest.slice(0, slash)
  const tail = slash === -1 ? "" : rest.slice(slash + 1)
  if (!BUCKET.test(bucket)) throw new RequestError("input_invalid", "expected an address such as s3://bucket/prefix")
  const isFolder = tail === "" || tail.endsWith("/")
  const key = tail.endsWith("/") ? tail.slice(0, -1) : tail
  if (key !== "" && !isPlainName(key)) {
    throw new RequestError("input_invalid", "expected an address without empty parts, `.` and `..`")
  }
  return { bucket, key, isFolder }
}

/** Writes an address; the inverse of {@link parseS3Address}. */
export function s3Address(bucket: string, key: string): string {
  return key === "" ? `s3://${bucket}` : `s3://${bucket}/${key}`
}

/** Whether a name can be a file's path below a folder: no empty part, `.`, `..` or NUL. */
export function isPlainName(name: string): boolean {
  return !name.includes("\0") && name.split("/").every((part) => part !== "" && part !== "." && part !== "..")
}

/** The folder that all of these addresses have in common. */
export function commonAddress(folders: readonly string[]): string {
  const parts = folders.map((folder) => (folder === "" ? [] : folder.split("/")))
  const [first = []] = parts
  let shared = 0
  while (shared < first.length && parts.every((each) => each[shared] === first[shared])) shared++
  return first.slice(0, shared).join("/")
}

/**
 * Asserts that a clean copy written to a prefix touches no source.
 *
 * @throws {RequestError} `output_conflict` if it is, contains or lies in a prefix that is read, or contains an object
 * that is read.
 */
export function assertApartFrom(sources: readonly PlannedSource[], out: string): void {
  const isBelow = (address: string, folder: string) => address === folder || address.startsWith(`${folder}/`)
  for (const { kind, path } of sources) {
    const folder = kind === "folder" ? path : path.slice(0, path.lastIndexOf("/"))
    if (!isBelow(folder, out) && !(kind === "folder" && isBelow(out, folder))) continue
    throw new RequestError(
      "output_conflict",
      "the clean copy would be inside the source, or the source inside the copy",
      { hint: "Choose a prefix for --out that is neither inside the scanned ones nor contains one of them." },
    )
  }
}
