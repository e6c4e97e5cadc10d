import { createSocket } from "node:dgram"
import { once } from "node:events"

const TYPE = { A: 1, AAAA: 28 } as const

/** A name server's answers by name, with addresses as raw bytes. A name without an entry does not exist. */
export interface Zone {
  readonly [name: string]: { readonly a?: readonly Buffer[]; readonly aaaa?: readonly Buffer[] } | "silent"
}

/** A name server on this machine, and the names it was queried for. */
export interface NameServer extends AsyncDisposable {
  readonly address: string
  readonly asked: readonly string[]
}

/** Starts a name server (RFC 1035, over UDP) for one zone. */
export async function nameServer(zone: Zone): Promise<NameServer> {
  const asked: string[] = []
  const socket = createSocket("udp4")
  socket.on("message", (query, { port, address }) => {
    const { name, type, question } = read(query)
    asked.push(name)
    const entry = zone[name]
    if (entry === "silent") return
    const found = (type === TYPE.A ? entry?.a : type === TYPE.AAAA ? entry?.aaaa : undefined) ?? []
    const header = Buffer.from([
      ...query.subarray(0, 2),
      0x81,
      entry === undefined ? 0x83 : 0x80,
      0,
      1,
      0,
      found.length,
      0,
      0,
      0,
      0,
    ])
    const records = found.map((data) => Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data]))
    socket.send(Buffer.concat([header, question, ...records]), port, address)
  })
  socket.bind(0, "127.0.0.1")
  await once(socket, "listening")
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await once(socket, "close")
    },
  }
}

function read(query: Buffer) {
  const labels: string[] = []
  let offset = 12
  while (query[offset] !== 0) {
    const length = query[offset]!
    labels.push(query.toString("latin1", offset + 1, offset + 1 + length))
    offset += 1 + length
  }
  return {
    name: labels.join(".").toLowerCase(),
    type: query.readUInt16BE(offset + 1),
    question: query.subarray(12, offset + 5),
  }
}
