/**
 * The CyberTipline hosts that this custodian may reach: from its own configuration, with credentials from its own
 * folder.
 * @module
 */
import { readFile } from "node:fs/promises"
import { rootCertificates } from "node:tls"
import type { Clock } from "@nightlight/core"
import { type Credentials, type CybertiplineClient, CybertiplineError, createClient } from "@nightlight/cybertipline"
import type { CustodianConfig } from "../config.ts"
import type { Keyring } from "../keys/keyring.ts"
import { openText } from "../keys/sealed-text.ts"
import { type CustodianLayout, credentialsPath, type ReportEnvironment } from "../layout.ts"
import { refusal } from "../refusal.ts"

/** Connects to a pinned host. */
export interface Tipline {
  /**
   * Makes a client for one call; dispose of it.
   *
   * @throws {RequestError} `forbidden` (`host-not-ready`) if the host is off, misconfigured or without credentials.
   */
  connect(environment: ReportEnvironment): Promise<CybertiplineClient>
}

/** Dependencies of {@link createTipline}. */
export interface TiplineOptions {
  readonly layout: CustodianLayout
  readonly config: Pick<CustodianConfig, "hosts" | "schemaVersion">
  readonly keyring: Keyring
  readonly clock: Clock
}

/** Prepares connections without making any. */
export function createTipline({ layout, config, keyring, clock }: TiplineOptions): Tipline {
  const { hosts, schemaVersion } = config
  return {
    async connect(environment) {
      if (environment === "production" && !hosts.production.enabled) {
        throw refusal("host-not-ready", "the production host is off in this custodian's configuration")
      }
      const credentials = await readCredentials(credentialsPath(layout, environment), keyring)
      const authorities = await readAuthorities(environment === "test" ? hosts.test.authorityFile : null)
      try {
        return createClient({
          credentials,
          environment,
          baseUrl: hosts[environment].baseUrl,
          schemaVersion,
          clock: () => clock.now(),
          timeouts: { answerMs: hosts.answerMs },
          authorities,
        })
      } catch (error) {
        if (!(error instanceof CybertiplineError)) throw error
        throw refusal("host-not-ready", "the host in this custodian's configuration cannot be used")
      }
    },
  }
}

/**
 * Node's own certificate authorities, whatever the environment says, or for the test host those of a configured file.
 */
async function readAuthorities(path: string | null): Promise<readonly string[]> {
  if (path === null) return rootCertificates
  const text = await readFile(path, "utf8").catch(() => {
    throw refusal("host-not-ready", "the file of this host's authorities cannot be read")
  })
  return [text]
}

async function readCredentials(path: string, keyring: Keyring): Promise<Credentials> {
  const identities = keyring.identities()
  const sealed = await readFile(path).catch(() => {
    throw refusal("host-not-ready", "there are no credentials for this host")
  })
  const text = await openText(sealed, identities)
  try {
    const { username, password } = JSON.parse(text) as Readonly<Record<keyof Credentials, unknown>>
    if (typeof username === "string" && typeof password === "string") return { username, password }
  } catch {
    // Reported below: the parser's message quotes its input.
  }
  throw refusal("host-not-ready", "the credentials for this host are damaged")
}
