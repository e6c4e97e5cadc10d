import { spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, mkdirSync, openSync, readdirSync, readlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { skipUnlessGranted, TRIED_ISOLATIONS } from "@nightlight/dev-env/machine/isolations"
import { describe, expect, it, onTestFinished } from "vitest"
import { temporaryFolder } from "./support.ts"

const HOLDER = join(import.meta.dirname, "stubs/holder.ts")

const openBy = (pid: number) =>
  readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
    } catch {
      return []
    }
  })

describe.skipIf(process.platform !== "linux")("files that a process inherited", () => {
  it.for(TRIED_ISOLATIONS)(
    "are never passed to its decoders (%s)",
    { timeout: 60_000 },
    async (isolation, { skip }) => {
      skipUnlessGranted(isolation, skip)
      const folder = temporaryFolder()
      const [secret, inside] = [join(folder, "secret"), join(folder, "inside")]
      writeFileSync(secret, "a key of somebody's")
      mkdirSync(inside)
      const given = [openSync(secret, "r"), openSync(inside, "r")]
      const holder = spawn(
        process.execPath,
        ["-C", "@nightlight/source", HOLDER, folder, isolation],
        // As left open by the parent: a file, a folder, and the file again at a high descriptor.
        { stdio: ["ignore", "pipe", "inherit", given[0], given[1], ...Array<"ignore">(55).fill("ignore"), given[0]] },
      )
      onTestFinished(() => {
        holder.kill("SIGKILL")
        for (const fd of given) closeSync(fd)
      })
      const [line] = (await once(holder.stdout as NodeJS.ReadableStream, "data")) as [Buffer]
      const pids = line.toString().trim().split(" ").map(Number)
      expect(openBy(holder.pid ?? 0).filter((path) => path.startsWith(folder)).length).toBe(3)
      expect(pids.length).toBeGreaterThan(1)
      for (const pid of pids) expect(openBy(pid).filter((path) => path.startsWith(folder))).toEqual([])
    },
  )
})
