import { execFileSync } from "node:child_process"
import { cpus, loadavg, totalmem } from "node:os"

/** Where and of what a run was measured; without it a figure means nothing. */
export interface Environment {
  readonly at: string
  readonly machine: string
  readonly node: string
  /** Commit, with `+` when the tree differed from it. */
  readonly commit: string
  /** Load average of the last minute when the run started: a busy machine measures badly. */
  readonly load: number
}

/** Describes this machine, this Node and this commit. */
export function environment(): Environment {
  const [first] = cpus()
  const memoryGiB = (totalmem() / 2 ** 30).toFixed(0)
  return {
    at: new Date().toISOString(),
    machine: `${cpus().length} x ${first?.model.trim() ?? "unknown processor"}, ${memoryGiB} GiB, ${process.platform} ${process.arch}`,
    node: process.version,
    commit: commit(),
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  }
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  try {
    return git("rev-parse", "--short", "HEAD").trim() + (git("status", "--porcelain").trim() === "" ? "" : "+")
  } catch {
    return "unknown"
  }
}
