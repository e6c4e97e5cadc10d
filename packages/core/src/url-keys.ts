/**
 * Normalised forms of web addresses, so that an address is found in a list of addresses, hosts and folders however it is
 * written.
 *
 * Sources: WHATWG URL; RFC 3986, section 6 (normalisation); Safe Browsing's host suffixes and path prefixes.
 * @module
 */

/** Most parts of a host under which an address is looked up. */
export const MAX_HOST_PARTS = 10
/** Most folders of a path under which an address is looked up. */
export const MAX_FOLDERS = 16

/** Longest address, characters: a longer one is looked up by its host alone. */
const MAX_ADDRESS = 8_192

/** The parts of an address that count. */
interface Address {
  /** Lower case, punycode; with a port other than the scheme's own. */
  readonly host: string
  /** Begins with a slash; percent escapes only where they are needed, in upper case. */
  readonly path: string
  /** Begins with `?`; empty where there is none. */
  readonly query: string
}

/**
 * The keys under which a web address is looked up: the address, the address without its query, every folder above it,
 * its host, and the hosts above that.
 *
 * Scheme (http, https), case of the host, default port, user name, fragment, dot segments and needless percent escapes
 * make no difference.
 *
 * @returns at most 32 keys; none for what is not an address of the web.
 */
export function urlLookupKeys(text: string): readonly string[] {
  const address = parseAddress(text)
  if (address === undefined) return []
  const { host, path, query } = address
  const hosts = hostAndAbove(host).map(hostKey)
  if (text.length > MAX_ADDRESS) return hosts
  const whole = query === "" ? [exactKey(host, path, "")] : [exactKey(host, path, query), exactKey(host, path, "")]
  return [...whole, ...foldersOf(path).map((folder) => folderKey(host, folder)), ...hosts]
}

/**
 * The key of a list's entry.
 *
 * - `https://example.org/a/b.jpg`, `example.org/a/b.jpg`: this address.
 * - `https://example.org/a/*`: every address below this folder.
 * - `example.org`, `*.example.org`: every address of this host and of the hosts below it.
 *
 * @returns undefined for what is none of these.
 */
export function urlEntryKey(text: string): string | undefined {
  const entry = text.trim()
  if (entry === "" || entry.length > MAX_ADDRESS || /\s/.test(entry)) return undefined
  const hasScheme = /^[a-z][a-z0-9+.-]*:/i.test(entry) && !/^[^/]*:\d+(?:\/|$)/.test(entry)
  const bare = hasScheme ? entry : entry.replace(/^\*\./, "")
  const address = parseAddress(hasScheme ? bare : `http://${bare}`)
  if (address === undefined || !(hasScheme || looksLikeHost(bare.split(/[/?#]/)[0] ?? ""))) return undefined
  const { host, path, query } = address
  if (!hasScheme && !/[/?#]/.test(bare)) return hostKey(host)
  if (query === "" && path.endsWith("/*")) return folderKey(host, path.slice(0, -1))
  return exactKey(host, path, query)
}

const exactKey = (host: string, path: string, query: string) => `=${host}${path}${query}`
const folderKey = (host: string, folder: string) => `/${host}${folder}`
const hostKey = (host: string) => `.${host}`

function parseAddress(text: string): Address | undefined {
  const url = URL.parse(text.length > 4 * MAX_ADDRESS ? text.slice(0, 4 * MAX_ADDRESS) : text)
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined
  const name = url.hostname.replace(/\.+$/, "")
  if (name === "") return undefined
  return {
    host: url.port === "" ? name : `${name}:${url.port}`,
    path: tidyEscapes(url.pathname),
    query: tidyEscapes(url.search),
  }
}

/** A name with a dot and a last part that is no number, or an address in brackets. */
function looksLikeHost(host: string): boolean {
  return /^(?:[^.[\]]+\.)+(?!\d+(?::|$))[^.[\]]+$/.test(host) || /^(?:\d+\.){3}\d+(?::\d+)?$/.test(host)
}

/** Undoes escapes of characters that need none (RFC 3986: letters, digits, `-._~`); the others in upper case. */
function tidyEscapes(text: string): string {
  return text.replace(/%[0-9a-f]{2}/gi, (written) => {
    const character = String.fromCharCode(Number.parseInt(written.slice(1), 16))
    return /[A-Za-z0-9\-._~]/.test(character) ? character : written.toUpperCase()
  })
}

/** A host and those above it with at least two parts, the longest first. */
function hostAndAbove(host: string): readonly string[] {
  const [name = "", port] = host.startsWith("[") ? [host] : host.split(":")
  const suffix = port === undefined ? "" : `:${port}`
  if (name.startsWith("[") || /^[\d.]+$/.test(name)) return suffix === "" ? [name] : [host, name]
  const parts = name.split(".").slice(-MAX_HOST_PARTS)
  const names = parts.slice(0, Math.max(1, parts.length - 1)).map((_, index) => parts.slice(index).join("."))
  return suffix === "" ? names : [host, ...names]
}

/** The folders of a path from the root on, each with its last slash. */
function foldersOf(path: string): readonly string[] {
  const folders: string[] = []
  for (
    let slash = path.indexOf("/");
    slash !== -1 && folders.length < MAX_FOLDERS;
    slash = path.indexOf("/", slash + 1)
  ) {
    folders.push(path.slice(0, slash + 1))
  }
  return folders
}
