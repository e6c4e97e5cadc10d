/**
 * The authority belongs to the connection: all code that has the database, within a transaction or not, has the key
 * that checks its rows.
 * @module
 */
import { IntegrityError } from "@nightlight/core"
import type { Kysely, KyselyPlugin } from "kysely"
import type { Authority } from "./authority.ts"

/** Changes no query: this is how kysely carries a value from a connection into its transactions. */
class AuthorityPlugin implements KyselyPlugin {
  readonly authority: Authority

  constructor(authority: Authority) {
    this.authority = authority
  }

  transformQuery: KyselyPlugin["transformQuery"] = ({ node }) => node
  transformResult: KyselyPlugin["transformResult"] = async ({ result }) => result
}

/** The same database, with rows that this authority seals and checks. */
export function withAuthority<DB>(db: Kysely<DB>, authority: Authority): Kysely<DB> {
  return db.withPlugin(new AuthorityPlugin(authority))
}

/**
 * The authority of a database.
 *
 * @throws {IntegrityError} `key_unusable` if it was opened without one.
 */
export function authorityOf<DB>(db: Kysely<DB>): Authority {
  for (const plugin of db.getExecutor().plugins) if (plugin instanceof AuthorityPlugin) return plugin.authority
  throw new IntegrityError("key_unusable", "the database was opened without the key that authenticates its rows")
}
