import { execFileSync } from "node:child_process"
import { closeSync, openSync, rmSync, writeSync } from "node:fs"
import { join } from "node:path"
import { temporaryFolder } from "../dataset/shards.ts"

/** A file system in memory of a few megabytes. */
export interface SmallDisk extends Disposable {
  readonly path: string
  /** Changes its size. */
  resize(megabytes: number): void
  /** Fills it except for this many bytes. */
  fill(leaveBytes: number): void
  /** Frees the space that `fill` took. */
  empty(): void
}

/** Whether this process may mount one. It must be root, and some containers forbid it. */
export const MAY_MOUNT: boolean = (() => {
  try {
    smallDisk(1)[Symbol.dispose]()
    return true
  } catch {
    return false
  }
})()

/** Keeps a file from being removed or replaced, as some systems do with files in use. */
export function pinnedFile(path: string): Disposable {
  execFileSync("mount", ["--bind", path, path], { stdio: "ignore" })
  return { [Symbol.dispose]: () => void execFileSync("umount", ["-l", path]) }
}

/** Mounts a file system in memory. Needs {@link MAY_MOUNT}. */
export function smallDisk(megabytes: number): SmallDisk {
  const folder = temporaryFolder()
  const { path } = folder
  const filler = join(path, "filler")
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path], { stdio: "ignore" })
  return {
    path,
    resize: (size) => void execFileSync("mount", ["-o", `remount,size=${size}m`, path]),
    fill: (leaveBytes) => {
      const file = openSync(filler, "w")
      const page = Buffer.alloc(4096)
      let written = 0
      try {
        for (;;) written += writeSync(file, page)
      } catch {
        // Full.
      }
      closeSync(file)
      execFileSync("truncate", ["-s", String(Math.max(0, written - leaveBytes)), filler])
    },
    empty: () => rmSync(filler, { force: true }),
    [Symbol.dispose]: () => {
      execFileSync("umount", ["-l", path])
      folder[Symbol.dispose]()
    },
  }
}
