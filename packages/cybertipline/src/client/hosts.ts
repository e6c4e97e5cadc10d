import { CybertiplineError } from "../errors.ts"

/** NCMEC's environments. Reports sent to `test` are discarded; each has credentials of its own. */
export type CybertiplineEnvironment = "test" | "production"

/** Base addresses of the documentation. */
export const BASE_URLS: Readonly<Record<CybertiplineEnvironment, string>> = {
  test: "https://exttest.cybertip.org/ispws",
  production: "https://report.cybertip.org/ispws",
}

/** An address, checked. */
export interface Base {
  readonly origin: string
  /** Without a slash at its end. */
  readonly path: string
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * Checks where a client may send credentials.
 *
 * @throws {CybertiplineError} `options_invalid` for anything but https (http only on loopback), for credentials, a
 *   query or a fragment in the address, and for a known host of the other environment.
 */
export function toBase(environment: CybertiplineEnvironment, baseUrl?: string): Base {
  if (environment !== "test" && environment !== "production") {
    throw new CybertiplineError("options_invalid", "environment must be test or production")
  }
  const address = baseUrl ?? BASE_URLS[environment]
  if (!URL.canParse(address)) throw new CybertiplineError("options_invalid", "baseUrl is not a URL")
  const url = new URL(address)
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new CybertiplineError("options_invalid", "baseUrl must have no credentials, query or fragment")
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && LOOPBACK.test(url.hostname))) {
    throw new CybertiplineError("options_invalid", "baseUrl must be https, or http on a loopback address")
  }
  const other = environment === "test" ? "production" : "test"
  // A trailing dot names the same host.
  if (url.hostname.replace(/\.$/, "") === new URL(BASE_URLS[other]).hostname) {
    throw new CybertiplineError("options_invalid", `baseUrl is the ${other} host, the environment is ${environment}`)
  }
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, "") }
}
