import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { toWriteError, writeFileAtomic } from "@nightlight/durable"
import type { Schedule } from "./schedule.ts"

/** Writes a scheduler's files to a folder, which is made where it is missing. @throws {DependencyError} `write_failed`, `disk_full`. */
export async function writeSchedule(dir: string, { files }: Schedule): Promise<void> {
  await mkdir(dir, { recursive: true }).catch((error: unknown) => {
    throw toWriteError(error, "the folder of the scheduler's files")
  })
  for (const { name, text, isProgram } of files) {
    await writeFileAtomic(join(dir, name), text, isProgram === true ? 0o755 : 0o644)
  }
}
