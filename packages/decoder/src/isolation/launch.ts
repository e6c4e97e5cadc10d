import { type ChildProcess, type StdioOptions, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import type { Writable } from "node:stream"
import { FILTER_FD } from "./bwrap.ts"
import type { ChildCommand } from "./child-command.ts"
import { withoutInherited } from "./inherited-files.ts"
import { systemCallFilter } from "./system-call-filter.ts"

/** How often it is looked whether the shell has become the filter's loader. */
const LOOK_MS = 1

/**
 * Starts a child. Where its command says so it gets a system-call filter; one that cannot get it is killed.
 *
 * @param stderr - What becomes of what it writes to standard error.
 * @returns A process whose pipes are absent if there was no file descriptor left for them.
 */
export function launchChild(command: ChildCommand, stderr: "pipe" | "ignore"): ChildProcess {
  const { file, args, env, filter } = command
  const child: ChildProcess = withoutInherited((instead) => {
    const stdio: StdioOptions = ["pipe", "pipe", stderr]
    for (const [fd, nothing] of instead) {
      while (stdio.length < fd) stdio.push("ignore")
      stdio[fd] = nothing
    }
    if (filter !== undefined) stdio[FILTER_FD] = "pipe"
    // Ctrl-C in a terminal is the parent's to handle: the item in work is not to blame for it.
    return spawn(file, args, { cwd: "/", env, stdio, detached: true })
  })
  // One that could not be started has neither a number nor pipes; whoever asked is told by its event.
  if (filter !== undefined && child.pid !== undefined) {
    const pipe = child.stdio[FILTER_FD] as Writable
    pipe.on("error", () => {})
    sendFilter(child, child.pid, { ...filter, pipe })
  }
  return child
}

interface FilterOptions {
  readonly loader: readonly string[]
  readonly before: number
  readonly pipe: Writable
}

/** Waits until the loader runs, which then waits for the filter. */
function sendFilter(child: ChildProcess, pid: number, { loader, before, pipe }: FilterOptions): void {
  const wanted = loader.map((argument) => `${argument}\0`).join("")
  const look = () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, "utf8") !== wanted) {
        setTimeout(look, LOOK_MS)
        return
      }
      const skipped = loader.slice(0, before).reduce((sum, argument) => sum + Buffer.byteLength(argument) + 1, 0)
      pipe.end(systemCallFilter(process.arch, argumentsAddress(pid) + BigInt(skipped)))
    } catch {
      child.kill("SIGKILL")
    }
  }
  look()
}

/** Where a process has its arguments: field 48 of `stat`, counted from behind the name (proc_pid_stat(5)). */
function argumentsAddress(pid: number): bigint {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
  const address = BigInt(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[45] ?? "0")
  if (address === 0n) throw new Error("expected a system that tells where a process has its arguments")
  return address
}
