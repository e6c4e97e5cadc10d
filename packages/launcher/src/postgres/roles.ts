/**
 * Roles of the database: `postgres` belongs to the launcher, `nightlight_owner` owns the schema and runs migrations,
 * `nightlight_app` is the running service, which owns and creates nothing.
 * @module
 */
import type { Client } from "pg"
import type { Secrets } from "./secrets.ts"

/** The database of an installation. */
export const DATABASE = "nightlight"

/** Owns the schema and runs migrations. */
export const OWNER_ROLE = "nightlight_owner"

/** Role of the running service. Migrations grant it permissions table by table. */
export const APP_ROLE = "nightlight_app"

const RESTRICTED = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"

/**
 * Makes missing roles and the database. Safe to run again after a crash at any point.
 *
 * @param superuser - Connected as `postgres`, to any database.
 */
export async function ensureRoles(superuser: Client, secrets: Secrets): Promise<void> {
  for (const [role, password] of [
    [OWNER_ROLE, secrets.owner],
    [APP_ROLE, secrets.app],
  ] as const) {
    const { rowCount } = await superuser.query("SELECT FROM pg_roles WHERE rolname = $1", [role])
    if (rowCount !== 0) continue
    await superuser.query(`CREATE ROLE ${role} ${RESTRICTED} PASSWORD ${superuser.escapeLiteral(password)}`)
  }
  await superuser.query("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
  await ensureDatabase(superuser, DATABASE)
}

/**
 * Makes a database owned by {@link OWNER_ROLE} if it is missing, and allows {@link APP_ROLE} only to connect.
 *
 * @param template - The database to copy, without connections. Default: PostgreSQL's empty one.
 */
export async function ensureDatabase(superuser: Client, name: string, template = "template0"): Promise<void> {
  const id = superuser.escapeIdentifier(name)
  const { rowCount } = await superuser.query("SELECT FROM pg_database WHERE datname = $1", [name])
  if (rowCount === 0) {
    await superuser.query(`CREATE DATABASE ${id} OWNER ${OWNER_ROLE} TEMPLATE ${superuser.escapeIdentifier(template)}`)
  }
  await superuser.query(`REVOKE ALL ON DATABASE ${id} FROM PUBLIC`)
  await superuser.query(`GRANT CONNECT ON DATABASE ${id} TO ${APP_ROLE}`)
}
