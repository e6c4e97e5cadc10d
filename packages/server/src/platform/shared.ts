import type { Clock } from "@nightlight/core"
import type { KeyedDigest } from "@nightlight/vault"
import type { Kysely } from "kysely"
import type { Logger } from "pino"
import type { OidcProvider } from "./config/providers.ts"
import type { ServerPaths } from "./config/read.ts"
import type { ServerConfig } from "./config/schema.ts"
import type { ContextKeys } from "./context-keys/context-keys.ts"
import type { KeyRing } from "./context-keys/key-ring.ts"
import type { CustodianClient } from "./custodian/port.ts"
import type { DiskSpace } from "./db/disk-space.ts"
import type { Database } from "./db/pool.ts"
import type { Tables } from "./db/tables.ts"
import type { Jobs } from "./jobs/job.ts"

/** Parts that every feature can use. */
export interface Shared {
  readonly db: Kysely<Tables>
  readonly database: Database
  /** Whether there is room to write. */
  readonly disk: DiskSpace
  readonly clock: Clock
  readonly contextKeys: ContextKeys
  readonly digests: KeyedDigest
  readonly custodian: CustodianClient
  readonly jobs: Jobs
  readonly config: ServerConfig
  readonly paths: ServerPaths
  /** Links are made with the first. */
  readonly origins: readonly string[]
  readonly log: Logger
  /** Keys are derived from these for secrets that belong to no case. */
  readonly installationKeys: KeyRing
  /** Including their secrets. */
  readonly providers: readonly OidcProvider[]
}
