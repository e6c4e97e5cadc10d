import { open } from "node:fs/promises"
import { dirname } from "node:path"
import { syncDir, toWriteError, writeAll } from "@nightlight/durable"
import { type AuditEvent, toLine } from "./event.ts"
import { segmentAt, type Tail } from "./segments.ts"

/**
 * Appends chained events to the end of a log and waits until they are on disk. The caller holds the log's lock and read
 * the tail under it. If it fails, partly written events are cut off again.
 *
 * @param events - At least one, the first chained to the tail.
 * @param segmentBytes - A segment of this size or more is followed by a new one.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function appendEvents(
  dir: string,
  tail: Tail,
  events: readonly AuditEvent[],
  segmentBytes: number,
): Promise<void> {
  // Left-over bytes of a killed process are explained by the event right after them, so that event cannot start a new
  // segment.
  const goesOn = tail.segment !== undefined && (tail.segmentBytes < segmentBytes || tail.torn.length > 0)
  const segment = goesOn && tail.segment !== undefined ? tail.segment : segmentAt(dir, tail.seq + 1)
  const before = goesOn ? tail.segmentBytes : 0
  try {
    const handle = await open(segment.path, "a", 0o600)
    try {
      await writeAll(handle, Buffer.from(events.map(toLine).join("")))
      await handle.sync()
    } catch (error) {
      // If even this fails, the next process to open the log reports what was left.
      await handle.truncate(before).catch(() => undefined)
      throw error
    } finally {
      await handle.close()
    }
    if (!goesOn) await syncDir(dirname(segment.path))
  } catch (error) {
    throw toWriteError(error, "the audit log")
  }
}
