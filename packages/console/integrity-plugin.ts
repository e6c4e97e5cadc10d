/**
 * Records the digests of a build: in the page, those of the scripts and styles that it loads at once; in a manifest, those
 * of all files, with which `nightlight console verify` detects a changed one.
 * @module
 */
import { createHash } from "node:crypto"
import { readdir, readFile, writeFile } from "node:fs/promises"
import { join, relative, sep } from "node:path"
import type { Plugin } from "vite"

const PAGE = "index.html"
const MANIFEST = "console-manifest.json"
/** Tags of scripts, styles and preloaded scripts; only these can carry a digest. */
const TAG = /<(?:script|link)\b[^>]*>/g

/** Runs after the files are written, so that it digests exactly what is served. */
export function integrity(): Plugin {
  return {
    name: "nightlight-integrity",
    apply: "build",
    writeBundle: {
      order: "post",
      sequential: true,
      handler: async ({ dir }) => {
        if (dir === undefined) return
        const page = await readFile(join(dir, PAGE), "utf8")
        await writeFile(join(dir, PAGE), await withDigests(page, dir))
        const manifest = await describe(dir)
        await writeFile(join(dir, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`)
        const digest = createHash("sha256").update(JSON.stringify(manifest)).digest("hex")
        process.stdout.write(`console: ${manifest.files.length} files, digest ${digest}\n`)
      },
    },
  }
}

async function withDigests(page: string, dir: string): Promise<string> {
  const tags = [...new Set(page.match(TAG) ?? [])]
  let next = page
  for (const tag of tags) {
    const path = /\b(?:src|href)="(\/[^"]+\.(?:js|css))"/.exec(tag)?.[1]
    if (path === undefined || tag.includes("integrity=")) continue
    const digest = createHash("sha384")
      .update(await readFile(join(dir, path)))
      .digest("base64")
    next = next.replaceAll(tag, tag.replace(/\s*\/?>$/, ` integrity="sha384-${digest}"$&`))
  }
  return next
}

async function describe(dir: string) {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(dir, join(parentPath, name)).split(sep).join("/"))
    .filter((path) => path !== MANIFEST)
    .toSorted((a, b) => (a < b ? -1 : 1))
  const files = paths.map(async (path) => {
    const bytes = await readFile(join(dir, path))
    return { path, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") }
  })
  return { format: "nightlight-console/1", files: await Promise.all(files) }
}
