import { existsSync, readFileSync } from "node:fs"

/** Every process below another one (by default this one), including intermediate launchers. */
export function descendants(pid: number = process.pid): number[] {
  const path = `/proc/${pid}/task/${pid}/children`
  if (!existsSync(path)) return []
  const children = readFileSync(path, "latin1").trim().split(" ").filter(Boolean).map(Number)
  return children.flatMap((child) => [child, ...descendants(child)])
}
