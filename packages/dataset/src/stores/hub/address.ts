/**
 * Addresses of datasets on the Hugging Face Hub: `hf://datasets/OWNER/NAME[@REVISION][/PATH]`.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { isPlainName } from "../address.ts"

/** A place in a dataset's repository. */
export interface HubAddress {
  /** `OWNER/NAME`. */
  readonly name: string
  /** A branch, a tag, a commit, or a reference such as `refs/convert/parquet`. */
  readonly revision: string
  /** Without slashes at its ends; empty for the whole repository. */
  readonly path: string
}

const FORM = /^hf:\/\/datasets\/([\w.-]{1,96}\/[\w.-]{1,96})(?:@(refs\/(?:convert|pr)\/[^/]+|[^/]+))?(?:\/(.*))?$/i

/**
 * Parses an address. In a revision, `%2F` stands for a slash; without one it is `main`.
 *
 * @throws {RequestError} `input_invalid` for anything else, also for repositories of models and spaces.
 */
export function parseHubAddress(text: string): HubAddress {
  const [, name, encoded = "main", rest = ""] = FORM.exec(text) ?? []
  const path = rest.replace(/\/$/, "")
  const revision = decode(encoded)
  const isPlain = name !== undefined && isPlainName(name) && (path === "" || isPlainName(path))
  if (name !== undefined && revision !== undefined && isPlain) return { name, revision, path }
  throw new RequestError("input_invalid", "expected an address such as hf://datasets/OWNER/NAME@REVISION/path")
}

/** Writes the address of a place at a commit. */
export function hubAddress(name: string, commit: string, path: string): string {
  return `hf://datasets/${name}@${commit}${path === "" ? "" : `/${path}`}`
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
