import type { AddressInfo, Server } from "node:net"

/** Listens on a port of the system's choosing on this machine. */
export async function listen(listener: Server): Promise<number> {
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve))
  return (listener.address() as AddressInfo).port
}
