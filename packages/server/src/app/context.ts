/**
 * Constructs all services, once for each process, and is the only place that does.
 * @module
 */
import { type Clock, compact, systemClock } from "@nightlight/core"
import { openKeyedDigest } from "@nightlight/vault"
import type { PoolConfig } from "pg"
import type { PgBoss } from "pg-boss"
import type { Logger } from "pino"
import type { RegularVerification } from "../oversight/audit/verify-regularly.ts"
import { readConsole } from "../oversight/console/files.ts"
import type { Health } from "../oversight/health/state.ts"
import type { Tasks } from "../oversight/operations/tasks.ts"
import type { Restores } from "../oversight/restores/restores.ts"
import { createRightsWatch, type RightsWatch } from "../platform/auth/rights-watch.ts"
import { openAuthority } from "../platform/authority/authority.ts"
import { readProviders } from "../platform/config/providers.ts"
import { originsOf, type ServerPaths } from "../platform/config/read.ts"
import type { ServerConfig } from "../platform/config/schema.ts"
import { openContextKeys } from "../platform/context-keys/context-keys.ts"
import { openKeyRing } from "../platform/context-keys/key-ring.ts"
import { type ContextRewrap, type ContextRewrapDeps, rewrapContextKey } from "../platform/context-keys/rewrap.ts"
import { openCustodianClient } from "../platform/custodian/client.ts"
import type { CustodianClient } from "../platform/custodian/port.ts"
import { createDiskSpace, type DiskSpace } from "../platform/db/disk-space.ts"
import { type Database, openDatabase } from "../platform/db/pool.ts"
import type { Authenticate, Feature } from "../platform/feature.ts"
import { createJobs } from "../platform/jobs/producer.ts"
import { openProducer } from "../platform/jobs/queue.ts"
import { openSecretSealer } from "../platform/secrets/secret-sealer.ts"
import type { Shared } from "../platform/shared.ts"
import { createCopiedPasskeyAlarm } from "../staff/alarms/service.ts"
import type { SignIn } from "../staff/sign-in/service.ts"
import { createFeatures } from "./features.ts"

/** Configuration and connections of one server process. */
export interface ContextOptions {
  readonly config: ServerConfig
  readonly paths: ServerPaths
  /** Connects as the application's role. */
  readonly database: PoolConfig
  /** Port in the origins, where the configuration names no origin. */
  readonly port?: number
  /** Folder of the built console; without it only the API is served. */
  readonly consoleDir?: string
  readonly log: Logger
  readonly clock?: Clock
}

/** Everything that a process needs. */
export interface Context {
  readonly config: ServerConfig
  readonly paths: ServerPaths
  readonly origins: readonly string[]
  readonly database: Database
  readonly custodian: CustodianClient
  readonly clock: Clock
  readonly log: Logger
  readonly features: readonly Feature[]
  readonly authenticate: Authenticate
  readonly rights: RightsWatch
  readonly disk: DiskSpace
  readonly tasks: Tasks
  readonly signIn: SignIn
  /** State of the installation's parts. */
  readonly health: () => Promise<Health>
  readonly restores: Restores
  /** Scheduled verifications of log and database. */
  readonly verification: RegularVerification
  /** Encrypts everything under an older context key again, under the newest one. */
  readonly rewrapContextKey: (onProgress: ContextRewrapDeps["onProgress"]) => Promise<ContextRewrap>
  close(): Promise<void>
}

/**
 * Makes a process's services. Reads key files and the console; connects to nothing before the first call.
 *
 * @throws {IntegrityError} `key_unusable`.
 */
export async function createContext(options: ContextOptions): Promise<Context> {
  const { config, paths, log, clock = systemClock } = options
  const installationKeys = openKeyRing(paths.contextKey)
  const contextKeys = openContextKeys(installationKeys)
  const authority = openAuthority(installationKeys)
  const providers = await readProviders(config, paths.configDir)
  const digests = await openKeyedDigest(paths.digestKey)
  const database = openDatabase(options.database, authority)
  const custodian = openCustodianClient(paths.custodianSocket, {
    onCopiedPasskey: createCopiedPasskeyAlarm({ db: database.kysely, clock, log }),
  })
  let producer: Promise<PgBoss> | undefined
  const jobs = createJobs(() => {
    producer ??= openProducer(database, log).catch((error: unknown) => {
      producer = undefined
      throw error
    })
    return producer
  })
  const origins = originsOf(config, options.port)
  const disk = createDiskSpace({ db: database.kysely, folder: paths.workspace })
  const console = options.consoleDir === undefined ? undefined : await readConsole(options.consoleDir)
  const shared: Shared = {
    disk,
    db: database.kysely,
    database,
    clock,
    contextKeys,
    digests,
    custodian,
    jobs,
    config,
    paths,
    origins,
    log,
    installationKeys,
    providers,
  }
  const made = createFeatures(shared, console)
  return {
    config,
    paths,
    origins,
    database,
    custodian,
    clock,
    log,
    ...made,
    disk,
    rights: createRightsWatch({ db: database.kysely }),
    rewrapContextKey: (onProgress) =>
      rewrapContextKey({
        path: paths.contextKey,
        db: database.kysely,
        clock,
        contextKeys,
        sealer: openSecretSealer(installationKeys),
        ...compact({ onProgress }),
      }),
    close: async () => {
      disk.close()
      await made.close()
      const queue = await producer?.catch(() => undefined)
      await queue?.stop({ graceful: false })
      await custodian.close()
      await database.close()
    },
  }
}
