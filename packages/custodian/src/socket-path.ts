import { relative } from "node:path"

/** Bytes that the name of a Unix socket may have, its end included, on Linux and, with four to spare, macOS. */
const MOST_BYTES = 104

/**
 * The shorter way to say where a socket is: its absolute path, or the one from the working folder.
 *
 * @returns `undefined` if both are too long for the system.
 */
export function socketPath(path: string): string | undefined {
  const fromHere = relative(process.cwd(), path)
  const shorter = Buffer.byteLength(fromHere) < Buffer.byteLength(path) ? fromHere : path
  return Buffer.byteLength(shorter) < MOST_BYTES ? shorter : undefined
}
