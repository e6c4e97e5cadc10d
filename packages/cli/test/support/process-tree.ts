import { readdir, readFile } from "node:fs/promises"

/** The environment that each process of a tree was started with, as `/proc` shows it, by process id. */
export async function environmentsOf(root: number): Promise<ReadonlyMap<number, string>> {
  const parents = new Map<number, number>()
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue
    // The name in parentheses may hold anything; a process that has just ended has no file.
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "")
    const parent = Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2])
    parents.set(Number(name), parent)
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid)
    return pid === root || (parent !== undefined && parent > 1 && isBelow(parent))
  }
  const environments = new Map<number, string>()
  for (const pid of parents.keys()) {
    if (!isBelow(pid)) continue
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => undefined)
    if (environment !== undefined) environments.set(pid, environment)
  }
  return environments
}
