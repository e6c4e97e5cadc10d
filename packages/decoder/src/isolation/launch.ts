import { type ChildProcess, type StdioOptions, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import type { Writable } from "node:stream"
import { FILTER_FD } from "./bwrap.ts"
import type { ChildCommand } from "./child-command.ts"
import { withoutInherited } from "./inherited-files.ts"
import { systemCallFilter } from "./system-call-filter.ts"

/** Interval of checking whether the filter's loader has replaced the shell. */
const POLL_MS = 1

/**
 * Starts a child, with a system-call filter if its command has one; a child that cannot get it is killed.
 *
 * @param stderr - handling of its standard error.
 * @returns the process; its pipes are absent if no file descriptor was left for them.
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
    // The parent handles Ctrl-C in a terminal; the current item must not be blamed for it.
    return spawn(file, args, { cwd: "/", env, stdio, detached: true })
  })
  // A process that could not be started has neither an id nor pipes; its event reports the failure.
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

/** Waits until the loader runs and waits for the filter, then sends it. */
function sendFilter(child: ChildProcess, pid: number, { loader, before, pipe }: FilterOptions): void {
  const wanted = loader.map((argument) => `${argument}\0`).join("")
  const poll = () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, "utf8") !== wanted) {
        setTimeout(poll, POLL_MS)
        return
      }
      const skipped = loader.slice(0, before).reduce((sum, argument) => sum + Buffer.byteLength(argument) + 1, 0)
      pipe.end(systemCallFilter(process.arch, argumentsAddress(pid) + BigInt(skipped)))
    } catch {
      child.kill("SIGKILL")
    }
  }
  poll()
}

/** Address of a process's arguments: field 48 of `stat`, counted after the name (proc_pid_stat(5)). */
function argumentsAddress(pid: number): bigint {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
  const address = BigInt(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[45] ?? "0")
  if (address === 0n) throw new Error("expected the address of the process's arguments")
  return address
}
