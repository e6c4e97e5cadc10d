/**
 * Runs a command and watches the memory of it and all its children.
 * @module
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync, readFileSync } from "node:fs"

/** What a run cost. */
export interface MeasuredRun {
  /** From start to end, the start of Node included. */
  readonly seconds: number
  /** Greatest sum of proportional set sizes seen, bytes. */
  readonly peakBytes: number
}

const SAMPLE_MS = 250

/** Runs a command to its end. @throws {Error} when it ends with a status other than 0. */
export async function runMeasured(file: string, args: readonly string[]): Promise<MeasuredRun> {
  const startedAt = performance.now()
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "inherit"] })
  let peakBytes = 0
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, treeBytes(child.pid ?? 0))
  }, SAMPLE_MS)
  const [status] = (await once(child, "exit")) as [number | null]
  clearInterval(timer)
  if (status !== 0) throw new Error(`${file} ended with status ${status}`)
  return { seconds: (performance.now() - startedAt) / 1_000, peakBytes }
}

function treeBytes(root: number): number {
  const children = Map.groupBy(processes(), (process) => process.parent)
  let bytes = 0
  const pending = [root]
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    bytes += proportionalBytes(pid)
    pending.push(...(children.get(pid) ?? []).map((process) => process.pid))
  }
  return bytes
}

function processes(): { pid: number; parent: number }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = read(`/proc/${name}/stat`)
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])
      return Number.isNaN(parent) ? [] : [{ pid: Number(name), parent }]
    })
}

function proportionalBytes(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1_024
}

/** A process may end between the listing and the look. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}
