/**
 * Lays a pool as DataComp publishes them over a folder of pictures: `lay-pool FOLDER PICTURES`, for the examples of the
 * guides. Each row has the digest of a picture.
 */
import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { DuckDBInstance } from "@duckdb/node-api"

const [folder = "pool", pictures = "pictures"] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const digest = (type: string, bytes: string | Uint8Array) => createHash(type).update(bytes).digest("hex")
const rows = readdirSync(pictures)
  .filter((name) => name.endsWith(".jpg"))
  .map((name) => {
    const sha256 = digest("sha256", readFileSync(join(pictures, name)))
    return `('${digest("md5", name)}', 'https://pictures.example/${name}', 'shapes', '${sha256}')`
  })
const connection = await (await DuckDBInstance.create(":memory:")).connect()
await connection.run(
  `COPY (SELECT * FROM (VALUES ${rows.join()}) t(uid, url, text, sha256))
    TO '${join(folder, `${digest("md5", folder)}.parquet`)}' (FORMAT parquet)`,
)
connection.closeSync()
