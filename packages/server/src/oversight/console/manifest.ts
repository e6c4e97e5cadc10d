/**
 * The manifest of a console's build: the file beside its page with every file's digest.
 * @module
 */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { hasCode, RequestError } from "@nightlight/core"
import { z } from "zod"

/** Name of the manifest in a build's folder. */
export const CONSOLE_MANIFEST = "console-manifest.json"

const MAX_FILES = 2000

/** A relative path without steps upward. */
const FilePath = z.string().regex(/^(?!.*(?:^|\/)\.\.?(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/)

/** Schema of the manifest; paths are relative to the build's folder. */
export const ConsoleManifest = z.strictObject({
  format: z.literal("nightlight-console/1"),
  files: z
    .array(
      z.strictObject({
        path: FilePath,
        bytes: z.int().nonnegative(),
        /** Lower-case hexadecimal. For the page: with the placeholder of its nonce. */
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .min(1)
    .max(MAX_FILES),
})
export type ConsoleManifest = z.infer<typeof ConsoleManifest>

/**
 * Reads a build's manifest.
 *
 * @throws {RequestError} `not_found` if the folder has none, `input_invalid` if it is malformed.
 */
export async function readConsoleManifest(dir: string): Promise<ConsoleManifest> {
  const text = await readFile(join(dir, CONSOLE_MANIFEST), "utf8").catch((error: unknown) => {
    if (!hasCode(error, "ENOENT")) throw error
    throw new RequestError("not_found", "there is no built console to compare with", {
      hint: 'Run "npm run build" in Nightlight\'s folder.',
    })
  })
  try {
    return ConsoleManifest.parse(JSON.parse(text))
  } catch {
    throw new RequestError("input_invalid", "the console's manifest is damaged: build the console again")
  }
}

/** SHA-256, hexadecimal, of a manifest: the line that a build prints for the whole console. */
export function manifestDigest({ format, files }: ConsoleManifest): string {
  const plain = { format, files: files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })) }
  return createHash("sha256").update(JSON.stringify(plain)).digest("hex")
}
