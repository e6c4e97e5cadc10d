/**
 * Files that this process inherited from its parent. Without care, every child would inherit them too, despite any
 * namespace.
 * @module
 */
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs"

/** The octal flag in `fdinfo` for files that are closed when another program is started. */
const CLOSE_ON_EXEC = 0o2000000
const FIRST = 3

/** Descriptors from 3 on that a child would inherit; empty where they are unknown. */
export function inheritedFiles(): readonly number[] {
  try {
    return readdirSync("/proc/self/fd").map(Number).filter(isInherited)
  } catch {
    return []
  }
}

function isInherited(fd: number): boolean {
  if (fd < FIRST) return false
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0
  } catch {
    // This descriptor belonged to the listing, and is already closed.
    return false
  }
}

/**
 * Runs a start with placeholders for inherited files that can be neither read nor written.
 *
 * @param start - receives pairs of a descriptor and its placeholder file.
 */
export function withoutInherited<T>(start: (instead: readonly (readonly [fd: number, file: number])[]) => T): T {
  const inherited = inheritedFiles()
  if (inherited.length === 0) return start([])
  const nothing = openSync("/dev/null", "r")
  try {
    return start(inherited.map((fd) => [fd, nothing] as const))
  } finally {
    closeSync(nothing)
  }
}
