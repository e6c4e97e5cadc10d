import { writeFileSync } from "node:fs"

/**
 * Leaves memory out of core dumps of this process and of those that it starts: keys and content are in it. Does nothing
 * where the system has no such setting (core(5)).
 */
export function keepMemoryFromCoreDumps(): void {
  try {
    writeFileSync("/proc/self/coredump_filter", "0")
  } catch {
    // Not Linux, or not permitted: `nightlight doctor` says what a dump would hold.
  }
}
