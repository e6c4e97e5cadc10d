/**
 * The thread that digests a large file while the main thread digests another: see `file-digest.ts`.
 * @module
 */
import { parentPort, workerData } from "node:worker_threads"
import { digestOpen } from "./file-digest.ts"

/** Number of a file that the process has open. */
const { fd } = workerData as { readonly fd: number }

parentPort?.postMessage(digestOpen(fd))
