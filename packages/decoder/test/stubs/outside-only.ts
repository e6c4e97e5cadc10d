/**
 * A child that makes renditions on a system without namespaces: inside one, where init is its parent, it does not start.
 * It takes nothing for a picture.
 * @module
 */
import { encodeFrame, FrameReader } from "../../src/frames.ts"

if (process.ppid === 1) process.exit(1)
const reader = new FrameReader({ maxHeaderBytes: 4096, maxPayloadBytes: 4096 }, () => {
  process.stdout.write(encodeFrame({ failure: "not_a_picture" }))
})
process.stdin.on("data", (chunk) => reader.push(chunk))
process.stdout.write(encodeFrame({ ready: true }))
