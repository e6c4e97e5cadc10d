/**
 * The connection to the database: a pool, and kysely over it.
 * @module
 */
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from "kysely"
import { Pool, type PoolClient, type PoolConfig } from "pg"
import type { Authority } from "../authority/authority.ts"
import { withAuthority } from "../authority/of-database.ts"
import { toDatabaseError } from "./errors.ts"
import type { Tables } from "./tables.ts"

/** A connection pool with typed queries. */
export interface Database<DB = Tables> {
  /** Typed queries; their errors went through {@link toDatabaseError}. */
  readonly kysely: Kysely<DB>
  /** The same connections for code with its own SQL; the driver's errors must be converted. */
  readonly pool: Pool
  /** Waits for running queries, then closes every connection. Safe to call again. */
  close(): Promise<void>
}

const DEFAULTS: PoolConfig = {
  application_name: "nightlight",
  max: 10,
  connectionTimeoutMillis: 10_000,
  // A forgotten open transaction holds its locks and keeps old rows from being cleaned up.
  idle_in_transaction_session_timeout: 60_000,
}

/**
 * Opens a pool; the first connection is made by the first query.
 *
 * @param config - Server and role; its settings override the defaults (at most 10 connections).
 * @param authority - Seals and checks rows that give power; without it they are neither read nor written.
 */
export function openDatabase<DB = Tables>(config: PoolConfig, authority?: Authority): Database<DB> {
  const pool = new Pool({ ...DEFAULTS, ...config })
  // The pool replaces an idle connection that breaks; the next query fails if the server is gone.
  pool.on("error", () => undefined)
  const plain = new Kysely<DB>({ dialect: new PostgresDialect({ pool: mapped(pool) }) })
  const kysely = authority === undefined ? plain : withAuthority(plain, authority)
  let closing: Promise<void> | undefined
  return {
    kysely,
    pool,
    close: () => {
      closing ??= kysely.destroy().then(() => (pool.ended ? undefined : pool.end()))
      return closing
    },
  }
}

/** The pool for kysely, with our errors. */
function mapped(pool: Pool): PostgresPool {
  const clients = new WeakMap<PoolClient, PostgresPoolClient>()
  return {
    options: pool.options,
    connect: async () => {
      const client = await pool.connect().catch(rethrow)
      const known = clients.get(client) ?? mappedClient(client)
      clients.set(client, known)
      return known
    },
    end: () => pool.end(),
  }
}

function mappedClient(client: PoolClient): PostgresPoolClient {
  // A connection that breaks between two queries of a transaction has no other listener, and would end the process; the
  // next query fails.
  client.on("error", () => undefined)
  const query = (sql: string, parameters: readonly unknown[]) => client.query(sql, [...parameters]).catch(rethrow)
  return {
    // The other overload takes a cursor, which kysely uses only if the dialect has one.
    query: query as unknown as PostgresPoolClient["query"],
    release: (destroy) => client.release(destroy),
  }
}

function rethrow(error: unknown): never {
  throw toDatabaseError(error)
}
