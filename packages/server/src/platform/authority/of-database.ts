/**
 * The authority goes with the connection: whoever has the database in hand, in a transaction or out of one, has the key
 * that its rows are checked with.
 * @module
 */
import { IntegrityError } from "@nightlight/core"
import type { Kysely, KyselyPlugin } from "kysely"
import type { Authority } from "./authority.ts"

/** Changes no query: it is how kysely carries something from a connection into its transactions. */
class AuthorityPlugin implements KyselyPlugin {
  readonly authority: Authority

  constructor(authority: Authority) {
    this.authority = authority
  }

  transformQuery: KyselyPlugin["transformQuery"] = ({ node }) => node
  transformResult: KyselyPlugin["transformResult"] = async ({ result }) => result
}

/** The same database, whose rows are sealed and checked by this authority. */
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
  throw new IntegrityError("key_unusable", "the database was opened without the key that vouches for its rows")
}
