import { isIP } from "node:net"
import { refusal } from "./refusal.ts"

/** Longest URL in characters; signed links to storage stay below 4,000. */
const URL_CHARS_MAX = 8192

/** Names that never refer to a public host: RFC 6761, 6762, 7686, 8375, 9476 and ICANN's `internal`. */
const SPECIAL_NAMES = /(?:^|\.)(?:localhost|local|internal|home\.arpa|onion|alt|invalid)$/

/** The parts of a URL in its one accepted form. */
export interface Target {
  readonly protocol: "http:" | "https:"
  /** Lower-case ASCII name without a trailing dot, or an IP address without brackets. */
  readonly host: string
  readonly isLiteral: boolean
  readonly port: number
  readonly origin: string
  /** Path and query, percent-encoded. */
  readonly path: string
  /** The whole URL without its fragment. */
  readonly href: string
}

/**
 * Parses an absolute URL strictly.
 *
 * Forms that the URL standard would correct are refused, so that no other parser reads them differently: unusual IPv4
 * forms, missing or backward slashes, white space, empty ports. A name is mapped to ASCII by IDNA; one trailing dot is
 * dropped.
 *
 * @throws {RequestError} `address_refused`.
 */
export function parseTarget(text: string): Target {
  if (text.length > URL_CHARS_MAX) throw refusal("too_long")
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are refused.
  if (/[\u0000-\u0020\u007f-\u009f\\]/.test(text)) throw refusal("malformed")
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) throw refusal("malformed")
  if (scheme !== "http" && scheme !== "https") throw refusal("scheme")
  const authority = /^[^:]*:\/\/([^/?#]+)/.exec(text)?.[1]
  if (authority === undefined) throw refusal("malformed")
  if (authority.includes("@")) throw refusal("userinfo")
  const written = writtenHost(authority)
  const url = URL.parse(text)
  if (written === undefined || url === null) throw refusal("malformed")
  return targetOf(url, hostOf(url, written))
}

/**
 * Resolves a redirect.
 *
 * @param location - the header's value, absolute or relative.
 * @throws {RequestError} `address_refused`, also for a step from https to http.
 */
export function redirectTarget(from: Target, location: string): Target {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are refused.
  if (/[\u0000-\u0020\u007f-\u009f\\]/.test(location)) throw refusal("malformed")
  const to = parseTarget(absolute(from, location))
  if (from.protocol === "https:" && to.protocol === "http:") throw refusal("downgrade", to.host)
  return to
}

function absolute(from: Target, location: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) return location
  if (location.startsWith("//")) return from.protocol + location
  const url = URL.parse(location, from.href)
  if (url === null) throw refusal("malformed")
  return url.href
}

/** The host as written in an authority without userinfo; `undefined` if the form of host or port is unusual. */
function writtenHost(authority: string): string | undefined {
  const form = authority.startsWith("[") ? /^(\[[0-9a-f:.]+\])(?::[1-9]\d{0,4})?$/i : /^([^:[\]%]+)(?::[1-9]\d{0,4})?$/
  return form.exec(authority)?.[1]
}

function hostOf(url: URL, written: string): string {
  if (url.hostname.startsWith("[")) return url.hostname.slice(1, -1)
  // Digits or full stops in another script, or numbers in another base, become an IPv4 address that was not written as
  // one.
  if (isIP(url.hostname) === 4) {
    if (written !== url.hostname) throw refusal("host")
    return url.hostname
  }
  const name = url.hostname.replace(/\.$/, "")
  const labels = name.split(".")
  const isName = labels.length > 1 && name.length <= 253 && labels.every((label) => LABEL.test(label))
  if (!isName || SPECIAL_NAMES.test(name)) throw refusal("host")
  return name
}

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/

function targetOf(url: URL, host: string): Target {
  const isLiteral = isIP(host) !== 0
  const protocol = url.protocol === "https:" ? "https:" : "http:"
  const origin = `${protocol}//${host.includes(":") ? `[${host}]` : host}${url.port === "" ? "" : `:${url.port}`}`
  const path = url.pathname + url.search
  const standardPort = protocol === "https:" ? 443 : 80
  const port = url.port === "" ? standardPort : Number(url.port)
  return { protocol, host, isLiteral, port, origin, path, href: origin + path }
}
