/**
 * Opens a decoder, says which processes that takes, and stays until it is killed.
 * @module
 */
import { openDecoder } from "../../src/index.ts"
import { descendants } from "../processes.ts"

const [folder = ""] = process.argv.slice(2)
await openDecoder({ readRoots: [folder], processes: 2, profile: "fullres", kernel: "fast" })
console.log(descendants().join(" "))
