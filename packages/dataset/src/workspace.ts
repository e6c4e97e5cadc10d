/**
 * Exports the workspace only, without the jobs that use it.
 * @module
 */
export { openWorkspace } from "./workspace/open.ts"
export type { Workspace } from "./workspace/workspace.ts"
