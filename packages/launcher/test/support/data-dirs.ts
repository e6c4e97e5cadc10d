/**
 * Data folders for tests that start their own servers. Each is a copy of one made once per file, which is much faster.
 * @module
 */
import { cp, mkdir, mkdtemp, readFile, realpath, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, afterEach } from "vitest"
import { launch, type RunningPostgres } from "../../src/postgres/launch.ts"
import { layoutOf } from "../../src/postgres/layout.ts"
import { stopLeftovers } from "../../src/postgres/leftovers.ts"

/** Makes data folders, and after each test stops what runs on them and removes them. */
export function useDataDirs() {
  let parent: Promise<string> | undefined
  let model: Promise<string> | undefined
  let used: string[] = []

  const root = () => {
    parent ??= mkdtemp(join(tmpdir(), "nl-")).then((made) => realpath(made))
    return parent
  }
  const makeModel = async () => {
    const dataDir = join(await root(), "model")
    const server = await launch({ dataDir, initdbArgs: ["--no-sync"] })
    await server.stop()
    return dataDir
  }

  afterEach(async () => {
    for (const dataDir of used) {
      await stopLeftovers(layoutOf(dataDir).cluster)
      await rm(dataDir, { recursive: true, force: true })
    }
    used = []
  })
  afterAll(async () => {
    if (parent !== undefined) await rm(await parent, { recursive: true, force: true })
  })

  return {
    /** A path below a new folder that does not exist yet. */
    fresh: async (name: string) => {
      const dataDir = join(await root(), name)
      used.push(dataDir)
      return dataDir
    },
    /** A data folder with an existing cluster. */
    prepared: async (name: string) => {
      model ??= makeModel()
      const dataDir = join(await root(), name)
      used.push(dataDir)
      await mkdir(dirname(dataDir), { recursive: true, mode: 0o700 })
      await cp(await model, dataDir, { recursive: true, preserveTimestamps: true })
      return dataDir
    },
  }
}

/** The server's log so far. */
export function logOf(dataDir: string): Promise<string> {
  return readFile(layoutOf(dataDir).log, "utf8")
}

/** Starts a server as an installation does, but without fsync. */
export function start(dataDir: string): Promise<RunningPostgres> {
  return launch({ dataDir, settings: { fsync: "off" } })
}

/** As {@link start}, but the server stops when it is disposed of. */
export async function running(dataDir: string): Promise<RunningPostgres & AsyncDisposable> {
  const server = await start(dataDir)
  return { ...server, [Symbol.asyncDispose]: () => server.stop() }
}
