import { open, rm } from "node:fs/promises"
import { join } from "node:path"
import { tempName } from "@nightlight/durable"

const PROBE = new Uint8Array(256 * 1024)

/** Whether a small file can be written durably to each folder. The file is removed again. */
export async function canWrite(dirs: readonly string[]): Promise<boolean> {
  for (const dir of dirs) {
    const path = join(dir, tempName())
    try {
      const handle = await open(path, "wx", 0o600)
      try {
        await handle.write(PROBE)
        await handle.sync()
      } finally {
        await handle.close()
      }
    } catch {
      return false
    } finally {
      await rm(path, { force: true }).catch(() => undefined)
    }
  }
  return true
}
