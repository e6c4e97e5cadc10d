import type { Workspace } from "../workspace/workspace.ts"
import type { ScanRequest } from "./request.ts"

/** The globs of paths that a scan does not read: those of the configuration and of the request, each once, sorted. */
export function excludedPaths(
  { config }: Workspace,
  { exclude = [] }: Pick<ScanRequest, "exclude">,
): readonly string[] {
  return [...new Set([...config.scan.exclude, ...exclude])].sort()
}
