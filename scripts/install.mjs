/**
 * Installs the locked packages, all of them also where an older Node started this.
 *
 * npm leaves out an optional package that does not admit the Node npm runs on, without a word; so under an older Node the
 * pinned one is fetched first, by itself, and npm runs on that.
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isNewEnough, root, run, say, step } from "./steps.mjs"

const QUIET = ["--no-audit", "--no-fund", "--loglevel=error"]

/**
 * Runs npm: the one that started this script where there is one.
 *
 * @param options - Of `run`; with `node`, npm itself runs on the Node in that folder.
 */
export function npm(args, options = {}) {
  const cli = process.env.npm_execpath
  const node = options.node === undefined ? process.execPath : join(options.node, "node")
  return cli?.endsWith(".js") ? run(node, [cli, ...args], options) : run("npm", args, options)
}

/** Installs the locked packages unless they are there. @returns Whether they are there now. */
export async function install() {
  if (isInstalled()) {
    say("packages: as the lock file says")
    return true
  }
  const folder = mkdtempSync(join(tmpdir(), "nightlight-node-"))
  try {
    const node = isNewEnough() ? undefined : await fetchPinnedNode(folder)
    return await step("packages: npm ci", () => npm(["ci", ...QUIET], { node }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Installs the pinned Node alone, as the lock file has it. @returns The folder of its command, if there is one. */
async function fetchPinnedNode(folder) {
  const name = `node-${process.platform}-${process.arch}`
  const path = `node_modules/${name}`
  const locked = readLock("package-lock.json")?.[path]
  if (locked === undefined) return undefined
  const dependencies = { [name]: locked.version }
  const { optional: _, ...entry } = locked
  const packages = { "": { dependencies }, [path]: entry }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }))
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ lockfileVersion: 3, requires: true, packages }))
  const isFetched = await step(`packages: Node ${locked.version}`, () => npm(["ci", ...QUIET], { cwd: folder }))
  return isFetched ? join(folder, path, "bin") : undefined
}

/**
 * Tells whether node_modules holds what package-lock.json asks for.
 *
 * An absent optional package is a reason only if it is made for this platform.
 */
export function isInstalled() {
  const wanted = readLock("package-lock.json")
  const present = readLock("node_modules/.package-lock.json")
  if (wanted === undefined || present === undefined) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "" || !path.startsWith("node_modules/")) return true
    const found = present[path]
    if (found === undefined) return entry.optional === true && !isForThisPlatform(entry)
    return found.version === entry.version && found.link === entry.link && existsSync(join(root, path))
  })
}

function isForThisPlatform({ os, cpu, libc }) {
  const family = process.report?.getReport().header.glibcVersionRuntime === undefined ? "musl" : "glibc"
  return (
    os?.includes(process.platform) === true &&
    cpu?.includes(process.arch) === true &&
    (libc === undefined || process.platform !== "linux" || libc.includes(family))
  )
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8")).packages ?? {}
  } catch {
    return undefined
  }
}
