/**
 * Opens a decoder, prints its processes, and waits until it is killed.
 * @module
 */
import type { Isolation } from "@nightlight/core"
import { openDecoder } from "../../src/index.ts"
import { descendants } from "../processes.ts"

const [folder = "", isolation = "none"] = process.argv.slice(2)
await openDecoder({
  readRoots: [folder],
  processes: 2,
  profile: "fullres",
  kernel: "fast",
  isolation: isolation as Isolation,
})
console.log(descendants().join(" "))
