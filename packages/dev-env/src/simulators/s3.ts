import { createHash, createHmac } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** One version of an object, the newest last. */
interface Version {
  readonly id: string
  readonly body: string
  readonly mode: string | undefined
  readonly until: string | undefined
}

const KEY = { id: "AKIDEXAMPLE", secret: "a secret of tests" } as const

/**
 * A small S3: path style, versions, object lock, conditional puts. It computes each signature independently of the
 * tested code, and refuses unsigned calls.
 */
export async function startS3({ locks = true }: { readonly locks?: boolean } = {}) {
  const objects = new Map<string, Version[]>()
  const state = { locks, down: false, calls: 0 }
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy())
  })
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    state.calls++
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts).toString("utf8")
    const end = (status: number, headers: Readonly<Record<string, string>> = {}, text = "") =>
      void response.writeHead(status, headers).end(text)
    if (state.down) return end(503)
    if (!isSigned(request, body)) return end(403)
    const url = new URL(request.url ?? "/", "http://s3")
    const [, bucket = "", ...rest] = url.pathname.split("/")
    const key = decodeURIComponent(rest.join("/"))
    if (bucket !== "log") return end(404)
    if (key === "") return end(200, {}, listing(objects, url))
    const versions = objects.get(key) ?? []
    const newest = versions.at(-1)
    const header = (name: string) => request.headers[name] as string | undefined
    if (request.method === "PUT") {
      if (header("if-none-match") === "*" && newest !== undefined) return end(412)
      if (header("x-amz-checksum-sha256") !== createHash("sha256").update(body).digest("base64")) return end(400)
      const lock = state.locks ? header("x-amz-object-lock-mode") : undefined
      const until = lock === undefined ? undefined : header("x-amz-object-lock-retain-until-date")
      objects.set(key, [...versions, { id: `v${versions.length + 1}`, body, mode: lock, until }])
      return end(200)
    }
    if (newest === undefined) return end(404)
    const locked: Record<string, string> = {}
    if (newest.mode !== undefined) locked["x-amz-object-lock-mode"] = newest.mode
    if (newest.until !== undefined) locked["x-amz-object-lock-retain-until-date"] = newest.until
    return end(200, locked, request.method === "HEAD" ? "" : newest.body)
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: KEY.id, secretAccessKey: KEY.secret },
    objects,
    state,
    /** Overwrites an object as somebody with rights in the bucket: a locked version stays below the new one. */
    overwrite(key: string, body: string) {
      const versions = objects.get(key) ?? []
      objects.set(key, [...versions, { id: `v${versions.length + 1}`, body, mode: undefined, until: undefined }])
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

function listing(objects: ReadonlyMap<string, readonly Version[]>, url: URL): string {
  const prefix = url.searchParams.get("prefix") ?? ""
  const after = url.searchParams.get("key-marker") ?? ""
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted()
  const shown = keys.slice(0, 2)
  const entries = shown.flatMap((key) =>
    (objects.get(key) ?? []).map(({ id }) => `<Version><Key>${key}</Key><VersionId>${id}</VersionId></Version>`),
  )
  const next = `<NextKeyMarker>${shown.at(-1) ?? ""}</NextKeyMarker><NextVersionIdMarker>v9</NextVersionIdMarker>`
  return `<ListVersionsResult><IsTruncated>${keys.length > 2}</IsTruncated>${next}${entries.join("")}</ListVersionsResult>`
}

function isSigned({ method, url = "/", headers }: IncomingMessage, body: string): boolean {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/
  const [, id, day = "", region = "", names = "", signature] = form.exec(headers.authorization ?? "") ?? []
  const digest = createHash("sha256").update(body).digest("hex")
  const time = String(headers["x-amz-date"])
  if (id !== KEY.id || headers["x-amz-content-sha256"] !== digest || !time.startsWith(day)) return false
  const amz = Object.keys(headers).filter((name) => name.startsWith("x-amz-") || name === "host")
  if (!amz.every((name) => names.split(";").includes(name))) return false
  const [path = "", query = ""] = url.split("?")
  const lines = names.split(";").map((name) => `${name}:${String(headers[name])}\n`)
  const canonical = `${method}\n${path}\n${query.split("&").toSorted().join("&")}\n${lines.join("")}\n${names}\n${digest}`
  const hashed = createHash("sha256").update(canonical).digest("hex")
  const text = `AWS4-HMAC-SHA256\n${time}\n${day}/${region}/s3/aws4_request\n${hashed}`
  let key: Buffer = Buffer.from(`AWS4${KEY.secret}`)
  for (const part of [day, region, "s3", "aws4_request"]) key = createHmac("sha256", key).update(part).digest()
  return createHmac("sha256", key).update(text).digest("hex") === signature
}
