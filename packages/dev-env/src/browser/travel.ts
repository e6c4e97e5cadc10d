/**
 * How large files are on the line.
 */
import { get } from "node:http"

/** Bytes of a file as it travels to a client that takes gzip alone. */
export function gzipBytes(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { "accept-encoding": "gzip", accept: "text/html,*/*" } }, (response) => {
      let bytes = 0
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length
      })
      response.on("end", () => resolve(bytes))
    }).on("error", reject)
  })
}
