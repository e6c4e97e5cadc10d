/**
 * The file of known false positives: one JSON object a line, each with who said so and when.
 * @module
 */
import { readFile } from "node:fs/promises"
import { hasCode, RequestError } from "@nightlight/core"
import type { FalsePositive } from "@nightlight/screening"
import { z } from "zod"

const Line = z.strictObject({
  list: z.string(),
  entryHash: z.string().regex(/^[0-9a-f]{32,64}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  reason: z.string().optional(),
  recordedAt: z.iso.datetime().optional(),
})

/**
 * Reads the records; none where the file is absent.
 *
 * @throws {RequestError} `config_invalid`, naming the line.
 */
export async function readFalsePositiveRecords(path: string): Promise<readonly FalsePositive[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return ""
    throw error
  })
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return []
    const parsed = Line.safeParse(parseJson(line))
    if (!parsed.success) {
      throw new RequestError("config_invalid", `line ${index + 1} of false-positives.ndjson is not a false positive`)
    }
    const { list, entryHash, sha256 } = parsed.data
    return [{ list, entryHash, sha256 }]
  })
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
