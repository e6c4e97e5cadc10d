import { createHash } from "node:crypto"
import type { ReceivedFile } from "./state.ts"

/** A received form; the file is hashed as it arrives and not kept. */
export interface ReceivedForm {
  readonly id?: string
  readonly file?: ReceivedFile
}

const MAX_HEAD_BYTES = 16 * 1024
const MAX_FIELD_BYTES = 4 * 1024

/** A malformed form; never leaves this module. */
class FormFault extends Error {}

/**
 * Reads a form with the fields `id` and `file`, multipart or, without a file, url-encoded.
 *
 * @returns `undefined` if it is not a form.
 * @throws The body's error, when the sender disconnects.
 */
export async function readForm(
  contentType: string,
  body: AsyncIterable<Uint8Array>,
): Promise<ReceivedForm | undefined> {
  const boundary = /^multipart\/form-data\s*;.*boundary="?([^";]{1,200})"?/i.exec(contentType)?.[1]
  try {
    if (boundary !== undefined) return await readMultipart(boundary, body)
    if (!/^application\/x-www-form-urlencoded\b/i.test(contentType)) return undefined
    const id = new URLSearchParams(await readSmall(body)).get("id")
    return id === null ? {} : { id }
  } catch (error) {
    if (error instanceof FormFault) return undefined
    throw error
  }
}

async function readSmall(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ""
  for await (const chunk of body) {
    text += Buffer.from(chunk).toString("latin1")
    if (text.length > MAX_FIELD_BYTES) throw new FormFault()
  }
  return text
}

/** A part that is being read: it takes its bytes as they arrive, then returns what it was. */
interface Part {
  write(bytes: Uint8Array): void
  end(form: { id?: string; file?: ReceivedFile }): void
}

async function readMultipart(boundary: string, body: AsyncIterable<Uint8Array>): Promise<ReceivedForm> {
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  const form: { id?: string; file?: ReceivedFile } = {}
  // The first boundary starts the body, without the line end that the others have before them.
  let pending: Buffer = Buffer.from("\r\n")
  let part: Part | undefined
  let isAtHead = false
  let isOver = false

  const step = (): boolean => {
    if (isAtHead) {
      const isLast = pending.subarray(0, 2).toString("latin1") === "--"
      const end = isLast ? 2 : pending.indexOf("\r\n\r\n")
      if (end < 0 || pending.length < 2) {
        if (pending.length > MAX_HEAD_BYTES) throw new FormFault()
        return false
      }
      isOver = isLast
      part = isLast ? undefined : openPart(pending.subarray(0, end).toString("utf8"))
      pending = pending.subarray(isLast ? end : end + 4)
      isAtHead = false
      return true
    }
    const offset = pending.indexOf(delimiter)
    const whole = offset < 0 ? Math.max(0, pending.length - delimiter.length + 1) : offset
    part?.write(pending.subarray(0, whole))
    if (offset < 0) {
      pending = pending.subarray(whole)
      return false
    }
    part?.end(form)
    pending = pending.subarray(offset + delimiter.length)
    isAtHead = true
    return true
  }

  for await (const chunk of body) {
    if (isOver) continue
    pending = Buffer.concat([pending, chunk])
    while (!isOver && step());
  }
  if (!isOver) throw new FormFault()
  return form
}

function openPart(head: string): Part {
  const name = /\bname="([^"]*)"/i.exec(head)?.[1]
  const fileName = /\bfilename="([^"]*)"/i.exec(head)?.[1]
  return name === "file" && fileName !== undefined ? filePart(fileName) : fieldPart(name)
}

function filePart(fileName: string): Part {
  const md5 = createHash("md5")
  const sha256 = createHash("sha256")
  let sizeBytes = 0
  return {
    write: (bytes) => {
      md5.update(bytes)
      sha256.update(bytes)
      sizeBytes += bytes.length
    },
    end: (form) => {
      form.file = { md5: md5.digest("hex"), sha256: sha256.digest("hex"), sizeBytes, fileName }
    },
  }
}

function fieldPart(name: string | undefined): Part {
  let text = ""
  return {
    write: (bytes) => {
      text += Buffer.from(bytes).toString("latin1")
      if (text.length > MAX_FIELD_BYTES) throw new FormFault()
    },
    end: (form) => {
      if (name === "id") form.id = text
    },
  }
}
