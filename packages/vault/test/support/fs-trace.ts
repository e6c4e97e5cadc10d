import fs, { type FileHandle } from "node:fs/promises"
import { syncBuiltinESMExports } from "node:module"
import { onTestFinished } from "vitest"

/** One operation on the file system: what was done, and to which path. */
export interface Step {
  readonly did: "write" | "sync" | "rename" | "link"
  /** Of a rename or link: the old name. */
  readonly path: string
  readonly to?: string
}

/** Notes, until the test ends, what this process writes, syncs, renames and links, in order. */
export async function traceFs(): Promise<Step[]> {
  const steps: Step[] = []
  const paths = new WeakMap<object, string>()
  const sample = await fs.open("/dev/null", "r")
  const proto = Object.getPrototypeOf(sample) as Record<"write" | "sync", (...args: unknown[]) => Promise<unknown>>
  await sample.close()
  const real = { open: fs.open, rename: fs.rename, link: fs.link, write: proto.write, sync: proto.sync }
  onTestFinished(() => {
    Object.assign(fs, { open: real.open, rename: real.rename, link: real.link })
    Object.assign(proto, { write: real.write, sync: real.sync })
    syncBuiltinESMExports()
  })
  fs.open = async (path, ...rest) => {
    const handle = await real.open(path, ...rest)
    paths.set(handle, String(path))
    return handle
  }
  for (const did of ["rename", "link"] as const) {
    fs[did] = async (from, to) => {
      await real[did](from, to)
      steps.push({ did, path: String(from), to: String(to) })
    }
  }
  for (const did of ["write", "sync"] as const) {
    Object.assign(proto, {
      async [did](this: FileHandle, ...args: unknown[]) {
        const answer = await Reflect.apply(real[did], this, args)
        steps.push({ did, path: paths.get(this) ?? "" })
        return answer
      },
    })
  }
  syncBuiltinESMExports()
  return steps
}
