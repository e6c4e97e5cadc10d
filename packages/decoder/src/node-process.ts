import { readFileSync } from "node:fs"

/**
 * Finds the process at the end of a chain of only children: the decoder below bwrap and its init, whose memory counts.
 * `undefined` where `/proc` does not show it.
 */
export function lastDescendant(pid: number): number | undefined {
  let last = pid
  for (;;) {
    const children = readText(`/proc/${last}/task/${last}/children`)
    if (children === undefined) return undefined
    const first = Number.parseInt(children, 10)
    if (Number.isNaN(first)) return last
    last = first
  }
}

/** Resident memory in bytes; `undefined` where the process has ended or there is no `/proc`. */
export function residentBytes(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(readText(`/proc/${pid}/status`) ?? "")?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1")
  } catch {
    return undefined
  }
}
