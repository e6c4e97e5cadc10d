/**
 * Compares a console, served or in a folder, with the manifest of a build that the caller trusts.
 * @module
 */
import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { join, relative, sep } from "node:path"
import { DependencyError, hasCode, RequestError } from "@nightlight/core"
import { NONCE_PLACEHOLDER } from "./files.ts"
import { CONSOLE_MANIFEST, type ConsoleManifest } from "./manifest.ts"

/** A file that differs from the manifest. */
export interface ConsoleDifference {
  readonly path: string
  /** `extra`: only a folder can show one; a server may answer under names that nobody requests. */
  readonly kind: "missing" | "differs" | "extra" | "policy"
}

/** Result of a comparison. */
export interface ConsoleCheck {
  readonly ok: boolean
  /** How many files were compared. */
  readonly files: number
  readonly differences: readonly ConsoleDifference[]
}

const PAGE = "index.html"
const FETCH_MS = 30_000
/** A file that is longer than expected differs: the rest of it is not read. */
const SPARE_BYTES = 4096
const NONCE = /<meta name="csp-nonce" content="([A-Za-z0-9_-]{16,64})" \/>/
const CONCURRENCY = 4

/** Reads every file of a folder and compares it. Links and files that the manifest does not name are extra. */
export async function verifyConsoleFolder(dir: string, manifest: ConsoleManifest): Promise<ConsoleCheck> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (!hasCode(error, "ENOENT") && !hasCode(error, "ENOTDIR")) throw error
    throw new RequestError("not_found", "there is no such folder")
  })
  const known = new Set(manifest.files.map(({ path }) => path))
  const extra = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({ path: toPath(dir, entry), isLink: !entry.isFile() }))
    .filter(({ path, isLink }) => path !== CONSOLE_MANIFEST && (isLink || !known.has(path)))
    .map(({ path }): ConsoleDifference => ({ path, kind: "extra" }))
  const read = async (path: string): Promise<Buffer | undefined> =>
    readFile(join(dir, path)).catch((error: unknown) => {
      if (hasCode(error, "ENOENT")) return undefined
      throw error
    })
  return compare(manifest, read, extra)
}

/**
 * Fetches every file that a server should serve and compares the bytes, except for the page's nonce, which differs in
 * every answer. The page's policy must permit scripts of the server's own files, and no others.
 *
 * @param origin - `https://...`, or plain http on this machine.
 * @throws {RequestError} `input_invalid` for another address.
 * @throws {DependencyError} `unavailable`.
 */
export async function verifyConsoleAt(origin: string, manifest: ConsoleManifest): Promise<ConsoleCheck> {
  const base = toOrigin(origin)
  const policies: ConsoleDifference[] = []
  const sizes = new Map(manifest.files.map(({ path, bytes }) => [path, bytes]))
  const read = async (path: string): Promise<Buffer | undefined> => {
    const isPage = path === PAGE
    const response = await fetchFile(new URL(isPage ? "/" : `/${path}`, base), isPage)
    const bytes = await readAtMost(response, (sizes.get(path) ?? 0) + SPARE_BYTES)
    if (!response.ok) return undefined
    if (!isPage) return bytes
    if (!isStrict(response.headers.get("content-security-policy") ?? "")) policies.push({ path, kind: "policy" })
    const text = bytes.toString()
    const nonce = NONCE.exec(text)?.[1]
    return Buffer.from(nonce === undefined ? text : text.replaceAll(nonce, NONCE_PLACEHOLDER))
  }
  const { files, differences } = await compare(manifest, read, [])
  const all = [...differences, ...policies]
  return { ok: all.length === 0, files, differences: all }
}

async function compare(
  manifest: ConsoleManifest,
  read: (path: string) => Promise<Buffer | undefined>,
  extra: readonly ConsoleDifference[],
): Promise<ConsoleCheck> {
  const differences: ConsoleDifference[] = [...extra]
  const waiting = [...manifest.files]
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const { path, sha256 } = file
      const bytes = await read(path)
      if (bytes === undefined) differences.push({ path, kind: "missing" })
      else if (createHash("sha256").update(bytes).digest("hex") !== sha256) differences.push({ path, kind: "differs" })
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work))
  const sorted = differences.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  return { ok: sorted.length === 0, files: manifest.files.length, differences: sorted }
}

function toPath(dir: string, { parentPath, name }: { readonly parentPath: string; readonly name: string }): string {
  return relative(dir, join(parentPath, name)).split(sep).join("/")
}

function toOrigin(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isLoopback = url !== undefined && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)
  if (url !== undefined && (url.protocol === "https:" || (url.protocol === "http:" && isLoopback))) {
    return new URL(url.origin)
  }
  throw new RequestError("input_invalid", "expected an https address, or plain http on this machine")
}

async function fetchFile(url: URL, isPage: boolean): Promise<Response> {
  try {
    return await fetch(url, {
      redirect: "error",
      cache: "no-store",
      headers: { accept: isPage ? "text/html" : "*/*", "accept-encoding": "identity" },
      signal: AbortSignal.timeout(FETCH_MS),
    })
  } catch {
    throw new DependencyError("unavailable", "the server does not answer, or redirects", {
      details: { host: url.host },
    })
  }
}

async function readAtMost({ body }: Response, most: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  // A longer file is cut, so its digest differs.
  for await (const part of body ?? []) {
    parts.push(part)
    size += part.length
    if (size > most) break
  }
  return Buffer.concat(parts)
}

/** Whether scripts come only from the server's own files. */
function isStrict(policy: string): boolean {
  const directives = policy.split(";").map((part) => part.trim().split(/\s+/))
  const sourcesOf = (name: string) => directives.filter(([first]) => first === name).map(([, ...sources]) => sources)
  const scripts = sourcesOf("script-src")
  const fallback = sourcesOf("default-src")
  const isOwn = scripts.length === 1 && scripts[0]?.join(" ") === "'self'"
  const isClosed = fallback.length === 1 && fallback[0]?.join(" ") === "'none'"
  const hasOwnRules = ["script-src-elem", "script-src-attr", "worker-src"].some((name) => sourcesOf(name).length > 0)
  return isOwn && isClosed && !hasOwnRules
}
