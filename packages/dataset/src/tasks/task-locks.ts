import { join } from "node:path"
import type { ScanFolder } from "../scan/scan-folder.ts"

/** Folder of the locks that keep two tasks from one shard. */
export function taskLocks({ path }: ScanFolder): string {
  return join(path, "task-locks")
}
