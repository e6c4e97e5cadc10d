import { writeFileSync } from "node:fs"

/**
 * Leaves memory out of core dumps of this process and its children, because it contains keys and content. Does nothing
 * where the system has no such setting (core(5)).
 */
export function keepMemoryFromCoreDumps(): void {
  try {
    writeFileSync("/proc/self/coredump_filter", "0")
  } catch {
    // Not Linux, or not permitted: `nightlight doctor` reports what a dump would contain.
  }
}
