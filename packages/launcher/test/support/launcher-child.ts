/** Starts a server on the given folder, prints the server's process id, and waits to be killed. */
import { startPostgres } from "../../src/postgres/start.ts"

try {
  const server = await startPostgres({ dataDir: process.argv[2] ?? "" })
  process.send?.({ pid: server.pid, found: server.leftover })
} catch (error) {
  process.send?.({ code: (error as { code?: unknown }).code })
  process.disconnect()
}
