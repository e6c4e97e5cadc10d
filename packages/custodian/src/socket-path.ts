import { relative } from "node:path"

/** Maximum length of a Unix socket's name in bytes, including its end, on Linux and, with four to spare, macOS. */
const MAX_BYTES = 104

/**
 * The shorter form of a socket's path: absolute, or relative to the working folder.
 *
 * @returns `undefined` if both are too long for the system.
 */
export function socketPath(path: string): string | undefined {
  const fromHere = relative(process.cwd(), path)
  const shorter = Buffer.byteLength(fromHere) < Buffer.byteLength(path) ? fromHere : path
  return Buffer.byteLength(shorter) < MAX_BYTES ? shorter : undefined
}
