import { createHash } from "node:crypto"
import { Readable } from "node:stream"
import type { Dispatcher } from "undici"
import { compact } from "../compact.ts"
import { CybertiplineError } from "../errors.ts"
import { type Exchange, exchange, type HttpRequest } from "./exchange.ts"
import { judge } from "./judge.ts"
import { fileForm } from "./multipart.ts"
import type { Corrupt, SourceFailed, UploadFacts, UploadOutcome } from "./outcomes.ts"

/** A file to upload. */
export interface UploadSource {
  /** The bytes, read once and passed on as they arrive; a function is called when they are needed. */
  readonly content: AsyncIterable<Uint8Array> | (() => AsyncIterable<Uint8Array>)
  /** MD5 in hexadecimal that the bytes must have; otherwise the request is cut off before its end. */
  readonly md5?: string
  /** Their number; sent ahead as the request's length, and enforced. */
  readonly sizeBytes?: number
  /** The file's name in the form: letters, digits, `.`, `_`, `-`; `file` by default. */
  readonly fileName?: string
}

/**
 * Checks the announced properties of a file.
 *
 * @throws {CybertiplineError} `options_invalid`.
 */
export function assertSource({ md5, sizeBytes, fileName }: UploadSource): void {
  if (md5 !== undefined && !/^[0-9a-fA-F]{32}$/.test(md5)) {
    throw new CybertiplineError("options_invalid", "md5 must be 32 hexadecimal digits")
  }
  if (sizeBytes !== undefined && !(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0)) {
    throw new CybertiplineError("options_invalid", "sizeBytes must be a whole number of bytes")
  }
  if (fileName !== undefined && !/^[A-Za-z0-9._-]{1,100}$/.test(fileName)) {
    throw new CybertiplineError("options_invalid", "fileName must be 1 to 100 letters, digits, dots, lines and hyphens")
  }
}

/** Digests and size of the bytes that have passed through a form so far. */
interface Passage {
  readonly hash: ReturnType<typeof createHash>
  sizeBytes: number
  /** MD5 of everything, once the last byte was passed on. */
  md5?: string
  failure?: SourceFailed["reason"]
}

/** Ends a body that must not reach its end; never leaves this module. */
class SourceFault extends Error {}

/**
 * Streams a file to `/upload` and compares the digest of what was sent with that of what was received.
 *
 * @param template - The request but for its body and the headers that describe one.
 */
export async function uploadFile(
  dispatcher: Dispatcher,
  template: Omit<HttpRequest, "body" | "bodyEnd">,
  { reportId, source }: { readonly reportId: string; readonly source: UploadSource },
  signal?: AbortSignal,
): Promise<UploadOutcome> {
  const form = fileForm(reportId, source.fileName ?? "file")
  const passage: Passage = { hash: createHash("md5"), sizeBytes: 0 }
  const ending = Promise.withResolvers<void>()
  // Only the caller that waits for it listens.
  ending.promise.catch(() => undefined)
  const body = Readable.from(formBytes(form.head, form.tail, { source, passage, ending }), {
    objectMode: false,
    highWaterMark: 64 * 1024,
  })
  const { sizeBytes } = source
  const length = sizeBytes === undefined ? undefined : String(form.head.length + sizeBytes + form.tail.length)
  const request: HttpRequest = {
    ...template,
    headers: { ...template.headers, "content-type": form.contentType, ...compact({ "content-length": length }) },
    body,
    bodyEnd: ending.promise,
  }
  const ended = await exchange(dispatcher, request, signal)
  // Whatever a dispatcher did with it, the content is released.
  body.destroy()
  if (passage.failure !== undefined) return { kind: "source_failed", reason: passage.failure }
  return judgeUpload(ended, reportId, passage)
}

interface Passing {
  readonly source: UploadSource
  readonly passage: Passage
  readonly ending: PromiseWithResolvers<void>
}

async function* formBytes(head: Uint8Array, tail: Uint8Array, passing: Passing): AsyncGenerator<Uint8Array> {
  const { passage, ending } = passing
  try {
    yield head
    yield* sourceBytes(passing)
    yield tail
    ending.resolve()
  } finally {
    ending.reject(new SourceFault(passage.failure))
  }
}

async function* sourceBytes({ source, passage }: Passing): AsyncGenerator<Uint8Array> {
  const refuse = (reason: SourceFailed["reason"]): never => {
    passage.failure = reason
    throw new SourceFault(reason)
  }
  const { sizeBytes, md5 } = source
  try {
    for await (const chunk of typeof source.content === "function" ? source.content() : source.content) {
      if (!(chunk instanceof Uint8Array)) refuse("unreadable")
      passage.sizeBytes += chunk.length
      if (sizeBytes !== undefined && passage.sizeBytes > sizeBytes) refuse("size")
      passage.hash.update(chunk)
      if (chunk.length > 0) yield chunk
    }
  } catch (error) {
    if (error instanceof SourceFault) throw error
    refuse("unreadable")
  }
  if (sizeBytes !== undefined && passage.sizeBytes !== sizeBytes) refuse("size")
  const sent = passage.hash.digest("hex")
  // The closing boundary has not been sent yet: without it nothing is stored.
  if (md5 !== undefined && sent !== md5.toLowerCase()) refuse("md5")
  passage.md5 = sent
}

function judgeUpload(ended: Exchange, reportId: string, passage: Passage): UploadOutcome {
  let corrupt: Omit<Corrupt, "httpStatus" | "requestId" | "received"> | undefined
  const outcome = judge<UploadFacts>(ended, (answer) => {
    const { fileId, hash } = answer
    const { md5, sizeBytes } = passage
    // An answer to half a file, or about another report, does not answer this upload.
    if (answer.root !== "reportResponse" || fileId === undefined || answer.reportId !== reportId) return undefined
    if (md5 === undefined) return undefined
    if (hash?.toLowerCase() !== md5) {
      corrupt = compact({
        kind: "corrupt",
        reportId,
        fileId,
        sentMd5: md5,
        receivedMd5: hash !== undefined && /^[0-9a-fA-F]{1,64}$/.test(hash) ? hash.toLowerCase() : undefined,
      })
    }
    return { reportId, fileId, md5, sizeBytes }
  })
  if (corrupt === undefined || outcome.kind !== "accepted") return outcome
  const { httpStatus, requestId, received } = outcome
  return { ...corrupt, httpStatus, ...compact({ requestId }), received }
}
