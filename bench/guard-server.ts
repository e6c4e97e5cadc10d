/** A guard over a workspace: arguments are the workspace, the upstream's base URL. Prints its port. */
import { join } from "node:path"
import { openWorkspace } from "@nightlight/dataset"
import { startGuard } from "@nightlight/guard"

const [, , folder = "", upstreamUrl = ""] = process.argv
const workspace = await openWorkspace(folder)
const guard = await startGuard({
  configPath: join(folder, "guard.yaml"),
  workspace: {
    indexDir: workspace.layout.index,
    verifier: workspace.verifier,
    policy: await workspace.readPolicy(),
    falsePositives: await workspace.readFalsePositives(),
  },
  upstreamUrl,
  port: 0,
  adminPort: 0,
})
process.stdout.write(`${new URL(guard.url).port}\n`)
