/**
 * A small Hugging Face Hub for tests: revisions, trees in pages, files by range behind a redirect to another host.
 * @module
 */
import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** A dataset's repository: files by commit, commits by the names of revisions. */
export interface SimulatedDataset {
  readonly commits: Map<string, Readonly<Record<string, Uint8Array>>>
  readonly revisions: Map<string, string>
  /** Whether only the token reads it. */
  isPrivate: boolean
}

/** A running Hub. */
export interface SimulatedHub extends AsyncDisposable {
  readonly url: string
  /** The token that may read private datasets. */
  readonly token: string
  readonly datasets: Map<string, SimulatedDataset>
  readonly state: {
    /** Calls that are answered by `429`. */
    throttled: number
    /** Paths that were asked for, in order. */
    readonly calls: string[]
    /** Whether the other host ever received a token. */
    hasLeakedToken: boolean
  }
  /** Adds a commit to a dataset and moves a branch to it. Returns its hash. */
  commit(name: string, files: Readonly<Record<string, Uint8Array | string>>, branch?: string): string
}

const PAGE_SIZE = 2

/** Starts a Hub, and the host that its files are fetched from. */
export async function startHub(): Promise<SimulatedHub> {
  const datasets = new Map<string, SimulatedDataset>()
  const state = { throttled: 0, calls: [] as string[], hasLeakedToken: false }
  const token = "hf_token_of_tests"
  const storage = createServer((request, response) => {
    if (request.headers.authorization !== undefined) state.hasLeakedToken = true
    const [, name, commit = "", path = ""] = /^\/([^/]+\/[^/]+)\/([^/]+)\/(.*)$/.exec(request.url ?? "") ?? []
    const bytes = datasets.get(name ?? "")?.commits.get(commit)?.[decodeURIComponent(path)]
    if (bytes === undefined) return void response.writeHead(404).end()
    sendRange(request, response, bytes)
  })
  const storageUrl = await listen(storage)

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://hub")
    state.calls.push(url.pathname)
    const end = (status: number, headers: Record<string, string>, body: unknown) =>
      void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body))
    if (state.throttled > 0) {
      state.throttled--
      return end(429, {}, { error: "too many" })
    }
    const [, name = "", kind, revision = "", path = ""] =
      /^\/(?:api\/)?datasets\/([^/]+\/[^/]+)\/(revision|tree|resolve)\/([^/]+)\/?(.*)$/.exec(url.pathname) ?? []
    const dataset = datasets.get(name)
    const mayRead = dataset?.isPrivate !== true || request.headers.authorization === `Bearer ${token}`
    if (dataset === undefined || !mayRead) return end(401, {}, { error: `Repository ${name} not found` })
    const named = decodeURIComponent(revision)
    const commit = dataset.commits.has(named) ? named : dataset.revisions.get(named)
    if (commit === undefined) return end(404, {}, { error: `Invalid rev id: ${named}` })
    const files = dataset.commits.get(commit) ?? {}
    if (kind === "revision") return end(200, {}, { _id: "1", id: name, sha: commit, lastModified: new Date(0) })
    if (kind === "resolve") {
      return void response.writeHead(302, { location: `${storageUrl}/${name}/${commit}/${path}` }).end()
    }
    const entries = treeOf(files, decodeURIComponent(path), url.searchParams.get("recursive") === "true")
    if (entries.length === 0) return end(404, {}, { error: `${path} does not exist` })
    const start = Number(url.searchParams.get("cursor") ?? 0)
    url.searchParams.set("cursor", String(start + PAGE_SIZE))
    const next = `<${hubUrl}${url.pathname}${url.search}>; rel="next"`
    end(200, start + PAGE_SIZE < entries.length ? { link: next } : {}, entries.slice(start, start + PAGE_SIZE))
  })
  const hubUrl = await listen(server)
  return {
    url: hubUrl,
    token,
    datasets,
    state,
    commit(name, files, branch = "main") {
      const dataset = datasets.get(name) ?? { commits: new Map(), revisions: new Map(), isPrivate: false }
      datasets.set(name, dataset)
      const bytes = Object.fromEntries(
        Object.entries(files).map(([path, content]) => [path, Buffer.from(content as string)]),
      )
      const hash = createHash("sha1").update(`${name} ${dataset.commits.size}`)
      for (const [path, content] of Object.entries(bytes)) hash.update(path).update(content)
      const commit = hash.digest("hex")
      dataset.commits.set(commit, bytes)
      dataset.revisions.set(branch, commit)
      return commit
    },
    async [Symbol.asyncDispose]() {
      for (const each of [server, storage]) {
        each.closeAllConnections()
        await new Promise((resolve) => each.close(resolve))
      }
    },
  }
}

/** Entries of a folder: its files and folders, or everything below it. */
function treeOf(files: Readonly<Record<string, Uint8Array>>, folder: string, isRecursive: boolean): readonly object[] {
  const prefix = folder === "" ? "" : `${folder}/`
  const below = Object.entries(files).filter(([path]) => path.startsWith(prefix))
  const folders = new Set<string>()
  for (const [path] of below) {
    for (let slash = path.indexOf("/", prefix.length); slash !== -1; slash = path.indexOf("/", slash + 1)) {
      folders.add(path.slice(0, slash))
    }
  }
  const isShown = (path: string) => isRecursive || !path.slice(prefix.length).includes("/")
  return [
    ...[...folders].filter(isShown).map((path) => ({ type: "directory", path, size: 0, oid: "0" })),
    ...below
      .filter(([path]) => isShown(path))
      .map(([path, bytes]) => ({
        type: "file",
        path,
        size: bytes.length,
        oid: createHash("sha1").update(bytes).digest("hex"),
      })),
  ]
}

function sendRange(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array): void {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? []
  if (first === undefined || last === undefined) return void response.writeHead(200).end(bytes)
  const part = bytes.subarray(Number(first), Number(last) + 1)
  const range = `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}`
  response.writeHead(206, { "content-range": range, "content-length": part.length }).end(part)
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
