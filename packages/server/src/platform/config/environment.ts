/**
 * The only place that reads environment variables.
 * @module
 */
import type { PoolConfig } from "pg"
import { parseDatabaseUrl } from "./database-url.ts"

/** Connections from `DATABASE_URL` and related variables. */
export interface DatabaseEnvironment {
  /** As `nightlight_app`: the running service. */
  readonly app: PoolConfig
  /** As `nightlight_owner`: migrations; absent if they are run elsewhere. */
  readonly owner: PoolConfig | undefined
}

/**
 * Reads `DATABASE_URL` and `NIGHTLIGHT_DATABASE_OWNER_URL`.
 *
 * @returns `undefined` if `DATABASE_URL` is not set: the embedded server is used.
 * @throws {RequestError} `config_invalid`.
 */
export function databaseFromEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
): DatabaseEnvironment | undefined {
  const app = env["DATABASE_URL"]
  if (app === undefined || app === "") return undefined
  const owner = env["NIGHTLIGHT_DATABASE_OWNER_URL"]
  return {
    app: parseDatabaseUrl(app, "DATABASE_URL"),
    owner: owner === undefined || owner === "" ? undefined : parseDatabaseUrl(owner, "NIGHTLIGHT_DATABASE_OWNER_URL"),
  }
}
