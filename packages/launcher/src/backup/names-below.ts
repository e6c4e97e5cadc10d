import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { errnoOf, toReadError } from "@nightlight/durable"

/** Names of all plain files below a folder, relative to it, sorted, without files that vanish meanwhile. */
export async function namesBelow(dir: string): Promise<readonly string[]> {
  const files: string[] = []
  const walk = async (below: string): Promise<void> => {
    const entries = await readdir(join(dir, below), { withFileTypes: true }).catch((error: unknown) => {
      if (errnoOf(error) === "ENOENT") return []
      throw toReadError(error, "a folder of the backup")
    })
    for (const entry of entries) {
      const name = below === "" ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) await walk(name)
      else if (entry.isFile()) files.push(name)
    }
  }
  await walk("")
  return files.sort()
}
