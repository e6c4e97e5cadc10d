/**
 * Connection settings for a database that is not the embedded one.
 * @module
 */
import { readFileSync } from "node:fs"
import { compact, RequestError } from "@nightlight/core"
import type { PoolConfig } from "pg"

/**
 * Reads a `postgresql://` URL. Connections to another machine always use TLS with a checked certificate and host name,
 * whatever the URL says; `sslrootcert` names a file with the authority's certificate.
 *
 * @param variable - Name of its variable, for the message.
 * @throws {RequestError} `config_invalid`; the message never quotes the URL, which holds a password.
 */
export function parseDatabaseUrl(text: string, variable: string): PoolConfig {
  // PostgreSQL's own form for a socket, `postgresql://USER@/NAME?host=/FOLDER`, names no host there.
  const named = text.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)\//, "$1localhost/")
  const url = URL.canParse(named) ? new URL(named) : undefined
  if (url === undefined || !["postgres:", "postgresql:"].includes(url.protocol)) {
    throw new RequestError("config_invalid", `${variable} is not a postgresql:// URL`)
  }
  const host = url.searchParams.get("host") ?? url.hostname.replace(/^\[|\]$/g, "")
  const mode = url.searchParams.get("sslmode")
  const isLocal = host.startsWith("/") || ["localhost", "127.0.0.1", "::1", ""].includes(host)
  if (!isLocal && mode !== null && mode !== "verify-full") {
    throw new RequestError("config_invalid", `${variable} asks for TLS without checking the server's certificate`, {
      hint: "Use sslmode=verify-full, with sslrootcert=FILE for an authority of your own.",
    })
  }
  const rootCertificate = url.searchParams.get("sslrootcert")
  return compact({
    host: host === "" ? "localhost" : host,
    port: Number(url.port || url.searchParams.get("port") || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)) || "nightlight",
    ssl: isLocal && mode !== "verify-full" ? undefined : { rejectUnauthorized: true, ...caOf(rootCertificate) },
  })
}

function caOf(path: string | null): { readonly ca?: string } {
  if (path === null) return {}
  try {
    return { ca: readFileSync(path, "utf8") }
  } catch {
    throw new RequestError("config_invalid", "the file that sslrootcert names cannot be read")
  }
}
