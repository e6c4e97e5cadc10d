/** Measures the transferred size of files. */
import { get } from "node:http"

/** Number of bytes that a client which accepts only gzip receives. */
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
