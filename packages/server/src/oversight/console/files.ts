/**
 * The console's files: read once at start and kept in memory with their compressed forms, so that no call reads a disk.
 * @module
 */
import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { extname, join, relative, sep } from "node:path"
import { promisify } from "node:util"
import { brotliCompress, gzip, constants as zlib } from "node:zlib"
import { errnoOf } from "@nightlight/durable"

/** A file of the console with its response headers and encodings. */
export interface ConsoleFile {
  /** Value of the header `content-type`. */
  readonly type: string
  /** Whether its name changes with its content. */
  readonly isHashed: boolean
  /** By content coding; only text is compressed. */
  readonly bodies: { readonly identity: Body; readonly gzip?: Body; readonly br?: Body }
}

/** A file in one content coding. */
export interface Body {
  readonly bytes: Buffer
  /** Value of the header `etag`: strong, of this very form. */
  readonly etag: string
}

/** The console, ready to be sent. */
export interface ConsoleFiles {
  /** The page, with {@link NONCE_PLACEHOLDER} in place of the nonce. */
  readonly page: string
  /** By path below the origin, such as `/assets/index-a1b2.js`. */
  readonly files: ReadonlyMap<string, ConsoleFile>
}

/** Placeholder for the nonce of an answer in the page. */
export const NONCE_PLACEHOLDER = "__NONCE__"

const PAGE = "index.html"
/** Types of the files of a build. Files with other endings are not served. */
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".woff2": "font/woff2",
}
const COMPRESSIBLE = /^(?:text|application)\/|svg/
/** Compresses the whole console in a tenth of a second; higher levels take many times that and gain little. */
const BROTLI_QUALITY = 7

const toGzip = promisify(gzip)
const toBrotli = promisify(brotliCompress)

/**
 * Reads a folder that the console's build wrote. Links are not followed.
 *
 * @returns `undefined` if there is no built console.
 */
export async function readConsole(dir: string): Promise<ConsoleFiles | undefined> {
  const page = await readFile(join(dir, PAGE), "utf8").catch(absent)
  if (page === undefined) return undefined
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(dir, join(parentPath, name)))
    .filter((path) => path !== PAGE && extname(path) in TYPES)
  const files = paths.map(async (path) => {
    const url = `/${path.split(sep).join("/")}`
    return [url, await toFile(url, await readFile(join(dir, path)))] as const
  })
  return { page, files: new Map(await Promise.all(files)) }
}

async function toFile(url: string, bytes: Buffer): Promise<ConsoleFile> {
  const type = TYPES[extname(url)] ?? ""
  const file = { type, isHashed: url.startsWith("/assets/") }
  const identity = toBody(bytes)
  if (!COMPRESSIBLE.test(type)) return { ...file, bodies: { identity } }
  const params = { [zlib.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [zlib.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  const [gzipped, brotlied] = await Promise.all([toGzip(bytes, { level: 9 }), toBrotli(bytes, { params })])
  return { ...file, bodies: { identity, gzip: toBody(gzipped), br: toBody(brotlied) } }
}

function toBody(bytes: Buffer): Body {
  return { bytes, etag: `"${createHash("sha256").update(bytes).digest("base64url")}"` }
}

function absent(error: unknown): undefined {
  const errno = errnoOf(error)
  if (errno !== "ENOENT" && errno !== "ENOTDIR") throw error
  return undefined
}
