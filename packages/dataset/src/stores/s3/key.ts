import { decodeName } from "../../readers/entry-name.ts"

/** The key of a path below a root. @param rootKey - Without a slash at its end; empty for the whole bucket. */
export function keyOf(rootKey: string, path: Buffer): string {
  return rootKey === "" ? decodeName(path) : `${rootKey}/${decodeName(path)}`
}
