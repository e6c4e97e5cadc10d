/**
 * The child that makes one rendition: reads one request on standard input, writes one answer on standard output, and
 * ends.
 * @module
 */
import type { DeriveMessage, DeriveRequest } from "../../derive.ts"
import { encodeFrame, FrameReader } from "../../frames.ts"
import { MAX_PAYLOAD_BYTES } from "../../protocol.ts"
import { derive, type Rendition } from "../derive.ts"
import { setUpSharp } from "../sharp-setup.ts"

const reader = new FrameReader({ maxHeaderBytes: 4096, maxPayloadBytes: MAX_PAYLOAD_BYTES }, ({ header, payload }) => {
  void work(header as DeriveRequest, payload)
})

process.stdin.on("data", (chunk) => reader.push(chunk))
process.stdout.on("error", () => process.exit(0))
setUpSharp()
sendToParent({ ready: true })

async function work(request: DeriveRequest, bytes: Uint8Array): Promise<void> {
  const made = await derive(bytes, request).catch(() => "undecodable" as const)
  if (typeof made === "string") sendToParent({ failure: made })
  else sendToParent({ width: made.width, height: made.height }, made)
}

function sendToParent(message: DeriveMessage, rendition?: Rendition): void {
  process.stdout.write(encodeFrame(message, rendition?.data.length ?? 0))
  if (rendition !== undefined) process.stdout.write(rendition.data)
}
