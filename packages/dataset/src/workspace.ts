/**
 * A workspace alone, without what is done with it.
 * @module
 */
export { openWorkspace, type Workspace } from "./workspace/open.ts"
