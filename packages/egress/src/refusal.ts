import { compact, RequestError } from "@nightlight/core"

/** Why an address is refused. */
export type RefusalReason =
  | "too_long"
  | "malformed"
  | "scheme"
  | "userinfo"
  | "host"
  | "port"
  | "not_public"
  | "downgrade"
  | "redirects"

const MESSAGES: Readonly<Record<RefusalReason, string>> = {
  too_long: "the address is too long",
  malformed: "the address is not in the usual form",
  scheme: "the scheme is neither http nor https",
  userinfo: "the address contains a user or a password",
  host: "the host is not a public name, or an IP address in an unusual form",
  port: "the port is not allowed",
  not_public: "the host has an address that is not public",
  downgrade: "a redirect led from https to http",
  redirects: "there were too many redirects",
}

/** The error for a refused address; `host` only if it is a plain host name. */
export function refusal(reason: RefusalReason, host?: string): RequestError {
  return new RequestError("address_refused", MESSAGES[reason], {
    details: compact({ reason, host }),
  })
}
