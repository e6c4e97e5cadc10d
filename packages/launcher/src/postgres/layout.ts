import { join } from "node:path"

/** Paths in a data folder. */
export interface Layout {
  readonly root: string
  /** PostgreSQL's own data folder. */
  readonly cluster: string
  /** The passwords of the three roles, 0600. */
  readonly secrets: string
  /** Held by the process that runs the server. */
  readonly lock: string
  /** PostgreSQL's log, 0600. */
  readonly log: string
  /** The socket's folder, if its path is short enough. */
  readonly run: string
}

/** Names the paths in a data folder, without making any. */
export function layoutOf(root: string): Layout {
  return {
    root,
    cluster: join(root, "cluster"),
    secrets: join(root, "roles.json"),
    lock: join(root, "lock"),
    log: join(root, "postgres.log"),
    run: join(root, "run"),
  }
}
