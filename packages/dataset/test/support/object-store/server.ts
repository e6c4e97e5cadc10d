/**
 * A small S3 for tests: signatures, listings in pages, ranges, conditions, multipart uploads and versions. It can be told
 * to fail as real stores do.
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { type Answer, failure, listObjects, listUploads, listVersions } from "./answers.ts"
import { SimulatedBucket } from "./bucket.ts"
import { answerObject, type Conditions } from "./objects.ts"
import { type AccessKey, signatureFault } from "./signature.ts"

/** The key that the simulated store accepts. */
export const STORE_KEY: AccessKey = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret of tests" }

/** A call that the store received. */
export interface ReceivedCall {
  readonly method: string
  readonly bucket: string
  readonly key: string
  readonly query: URLSearchParams
}

/** What the store does besides answering. */
export interface StoreFaults {
  /** Calls that are answered by `503 SlowDown`. */
  throttled: number
  /** Bodies of objects that break in the middle. */
  cutBodies: number
  conditions: Conditions
  /** Most entries of a page of a listing. */
  pageSize: number
  /** Called with every call before it is answered; what it returns is the answer. */
  onCall: (call: ReceivedCall) => Answer | undefined
}

/** A running store. */
export interface ObjectStore extends AsyncDisposable {
  readonly endpoint: string
  readonly faults: StoreFaults
  /** Every call, in order. */
  readonly calls: readonly ReceivedCall[]
  /** Makes an empty bucket. */
  addBucket(name: string, options?: { readonly isVersioned: boolean }): SimulatedBucket
  /** Environment variables by which AWS's clients reach it. */
  readonly env: Readonly<Record<string, string>>
}

/** Starts a store on this machine. */
export async function startObjectStore(): Promise<ObjectStore> {
  const buckets = new Map<string, SimulatedBucket>()
  const calls: ReceivedCall[] = []
  const faults: StoreFaults = {
    throttled: 0,
    cutBodies: 0,
    conditions: "enforced",
    pageSize: 1000,
    onCall: () => undefined,
  }

  function answer(request: IncomingMessage, body: Buffer): Answer {
    const fault = signatureFault(request, body, STORE_KEY)
    if (fault !== undefined) return failure(403, fault)
    const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://store")
    const [, name = "", ...rest] = pathname.split("/")
    const [method = "", key] = [request.method, decodeURIComponent(rest.join("/"))]
    const call = { method, bucket: name, key, query }
    calls.push(call)
    const told = faults.onCall(call)
    if (told !== undefined) return told
    if (faults.throttled > 0) {
      faults.throttled--
      return failure(503, "SlowDown")
    }
    const bucket = buckets.get(name)
    if (bucket === undefined) return failure(404, "NoSuchBucket", name)
    if (key === "") {
      if (query.has("versions")) return listVersions(bucket, query, faults.pageSize)
      return query.has("uploads") ? listUploads(bucket, query) : listObjects(bucket, query, faults.pageSize)
    }
    const given = answerObject(bucket, { method, key, query, headers: request.headers, body }, faults.conditions)
    if (method !== "GET" || given.status >= 300 || faults.cutBodies === 0) return given
    faults.cutBodies--
    return { ...given, cutAt: Math.floor((given.body?.length ?? 0) / 2) }
  }

  const server = createServer((request, response) => {
    void receive(request)
      .then((body) => send(response, request.method, answer(request, body)))
      .catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    endpoint,
    faults,
    calls,
    addBucket(name, options = { isVersioned: false }) {
      const bucket = new SimulatedBucket(options)
      buckets.set(name, bucket)
      return bucket
    },
    env: environmentFor(endpoint, STORE_KEY),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Environment variables by which AWS's clients reach a store on this machine, and nothing else. */
export function environmentFor(endpoint: string, { accessKeyId, secretAccessKey }: AccessKey): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_MAX_ATTEMPTS: "3",
  }
}

async function receive(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

function send(response: ServerResponse, method: string | undefined, { status, headers, body, cutAt }: Answer): void {
  const bytes = Buffer.from(body ?? "")
  const length = headers?.["content-length"] ?? String(bytes.length)
  response.writeHead(status, { ...headers, "content-length": length })
  if (method === "HEAD") return void response.end()
  if (cutAt === undefined) return void response.end(bytes)
  response.write(bytes.subarray(0, cutAt), () => response.destroy())
}
