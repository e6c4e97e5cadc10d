/**
 * Files that this process was itself started with: whoever started it left them open, and so would every child of ours
 * hold them, past any namespace.
 * @module
 */
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs"

/** Octal, as `fdinfo` writes it: closed by the system when another program is started. */
const CLOSE_ON_EXEC = 0o2000000
const FIRST = 3

/** Numbers of the open files, from 3 on, that a child would inherit; none where the system does not tell. */
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
    // It was the listing's own, and is closed by now.
    return false
  }
}

/**
 * Runs something with what a child gets in the place of inherited files: nothing that can be read or written.
 *
 * @param start - Is given pairs of a number and the file that stands there instead.
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
