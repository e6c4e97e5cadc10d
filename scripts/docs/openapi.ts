import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

interface Described {
  close(): Promise<void>
}

/**
 * Describes the service's API, made from its routes' schemas: OpenAPI 3.1 as JSON. Connects to nothing.
 *
 * @param root - The repository's root folder.
 */
export async function openApiPage(root: string): Promise<string> {
  const load = (path: string) => import(pathToFileURL(join(root, "packages/server/src", path)).href)
  const { ensureServerFolder, readServerConfig } = await load("platform/config/index.ts")
  const { createContext } = await load("app/context.ts")
  const { buildApp } = await load("app/build-app.ts")
  const { createLog } = await load("platform/log.ts")
  const { openApiDocument } = await load("platform/http/openapi.ts")
  const dir = mkdtempSync(join(tmpdir(), "nightlight-openapi-"))
  try {
    const folder = await ensureServerFolder(dir)
    const log = createLog({ process: "test", level: "silent" })
    const context: Described = await createContext({
      ...(await readServerConfig(folder.config)),
      database: { host: dir },
      log,
    })
    const app: Described & { ready(): Promise<void> } = await buildApp(context)
    await app.ready()
    const text = JSON.stringify(openApiDocument(app), undefined, 2)
    await app.close()
    await context.close()
    return `${text}\n`
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
