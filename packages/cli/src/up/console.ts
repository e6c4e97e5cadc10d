/**
 * The console that the server serves, where it was built.
 * @module
 */
import { access } from "node:fs/promises"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"

/**
 * Finds the folder of the console's build.
 *
 * @param resolve - Names its page as a file URL; throws where the package is not installed.
 * @returns `undefined` if there is none: the server is the API alone.
 */
export async function findConsole(
  resolve: () => string = () => import.meta.resolve("@nightlight/console/app"),
): Promise<string | undefined> {
  try {
    const page = fileURLToPath(resolve())
    await access(page)
    return dirname(page)
  } catch {
    return undefined
  }
}
