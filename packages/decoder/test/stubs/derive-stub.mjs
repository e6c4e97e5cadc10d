// Speaks the rendition protocol wrongly, in the way that the picture's bytes name.
const frame = (header, payload = Buffer.alloc(0)) => {
  const json = Buffer.from(JSON.stringify(header))
  const prefix = Buffer.alloc(8)
  prefix.writeUInt32LE(json.length, 0)
  prefix.writeUInt32LE(payload.length, 4)
  return Buffer.concat([prefix, json, payload])
}

process.stdout.write(frame({ ready: true }))
let seen = ""
process.stdin.on("data", (chunk) => {
  seen += chunk.toString("latin1")
  if (seen.endsWith("hangs")) setInterval(() => {}, 1000)
  if (seen.endsWith("dies")) process.exit(3)
  if (seen.endsWith("asked for")) process.stdout.write(frame({ width: 1000, height: 1000 }, Buffer.alloc(64 * 64 * 3)))
  if (seen.endsWith("not have")) process.stdout.write(frame({ width: 64, height: 64 }, Buffer.alloc(64 * 63 * 3)))
})
