/**
 * Runs a command and watches the memory of it and all its children.
 * @module
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync, readFileSync } from "node:fs"

/** Cost of a run. */
export interface MeasuredRun {
  /** From start to end, the start of Node included. */
  readonly seconds: number
  /** Processor time of all its processes, seconds, as last seen before each ended. */
  readonly cpuSeconds: number
  /** Greatest sum of proportional set sizes seen, bytes. */
  readonly peakBytes: number
}

const SAMPLE_MS = 200
/** Memory is looked at more seldom: the system walks every page for it, and would be measured too. */
const MEMORY_EVERY = 5
/** Clock ticks a second in `/proc`, the same on every Linux. */
const TICKS_PER_SECOND = 100

/** Runs a command to its end. @throws {Error} when it ends with a status other than 0. */
export async function runMeasured(file: string, args: readonly string[]): Promise<MeasuredRun> {
  const startedAt = performance.now()
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "inherit"] })
  let peakBytes = 0
  let samples = 1
  const ticks = new Map<number, number>()
  const timer = setInterval(() => {
    const tree = processTree(child.pid ?? 0)
    for (const process of tree) ticks.set(process.pid, process.ticks)
    if (samples++ % MEMORY_EVERY !== 0) return
    peakBytes = Math.max(
      peakBytes,
      tree.reduce((bytes, { pid }) => bytes + proportionalBytes(pid), 0),
    )
  }, SAMPLE_MS)
  const [status] = (await once(child, "exit")) as [number | null]
  clearInterval(timer)
  if (status !== 0) throw new Error(`${file} ended with status ${status}`)
  const cpuSeconds = [...ticks.values()].reduce((sum, some) => sum + some, 0) / TICKS_PER_SECOND
  return { seconds: (performance.now() - startedAt) / 1_000, cpuSeconds, peakBytes }
}

interface ProcessTime {
  readonly pid: number
  readonly parent: number
  readonly ticks: number
}

function processTree(root: number): ProcessTime[] {
  const all = processes()
  const children = Map.groupBy(all, (process) => process.parent)
  const tree = all.filter((process) => process.pid === root)
  for (const { pid } of tree) tree.push(...(children.get(pid) ?? []))
  return tree
}

function processes(): ProcessTime[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = read(`/proc/${name}/stat`)
      // Behind the program's name, which may hold anything: state, parent, and from the twelfth on the times.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
      const [parent, user, system] = [Number(fields[1]), Number(fields[11]), Number(fields[12])]
      return Number.isNaN(parent) ? [] : [{ pid: Number(name), parent, ticks: user + system }]
    })
}

function proportionalBytes(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1_024
}

/** A process may end between the listing and the viewing. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}
