/**
 * A workspace alone, without what is done with it.
 * @module
 */
export { openWorkspace } from "./workspace/open.ts"
export type { Workspace } from "./workspace/workspace.ts"
