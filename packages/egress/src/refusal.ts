import { compact, RequestError } from "@nightlight/core"

/** Why an address is not called. */
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
  too_long: "the address is longer than any that is called",
  malformed: "the address is not written the usual way",
  scheme: "only http and https are called",
  userinfo: "an address with a user or a password is not called",
  host: "the host is not a public name, or an IP address in an unusual form",
  port: "the port is not one that is called",
  not_public: "the host is not, or not only, at public addresses",
  downgrade: "a redirect led from https to http",
  redirects: "there were too many redirects",
}

/** The error for an address that is not called; `host` only if it is a plain host name. */
export function refusal(reason: RefusalReason, host?: string): RequestError {
  return new RequestError("address_refused", MESSAGES[reason], {
    details: compact({ reason, host }),
  })
}
