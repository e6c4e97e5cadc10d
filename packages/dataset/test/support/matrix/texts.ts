/**
 * JSON lines and arrays with pictures in them, MDS shards and web crawls.
 */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { mdsFolder, readMds } from "../mds.ts"
import { responseRecord } from "../warc.ts"
import { textOf } from "./folders.ts"
import type { MatrixFormat } from "./format.ts"
import { type MatrixPicture, type Seen, toSeen } from "./plants.ts"

const base64 = ({ bytes }: MatrixPicture) => Buffer.from(bytes).toString("base64")

/** A chat about a picture, which is a `data:` URL in it. */
function chat(picture: MatrixPicture): string {
  const type = picture.name.endsWith("jpg") ? "jpeg" : picture.name.split(".")[1]
  const url = `data:image/${type};base64,${base64(picture)}`
  const content = [
    { type: "text", text: "What is this?" },
    { type: "image_url", image_url: { url } },
  ]
  return JSON.stringify({ id: picture.key, messages: [{ role: "user", content }] })
}

const record = (picture: MatrixPicture) => JSON.stringify({ id: picture.key, image: base64(picture), tags: ["shapes"] })

const DOCUMENTS = "documents/0000.jsonl.gz"
const ATTRIBUTES = "attributes/length/0000.jsonl.gz"

/** A page of a crawl with the picture in it. */
const document = (picture: MatrixPicture) =>
  JSON.stringify({ id: picture.key, text: `<img src="data:image/png;base64,${base64(picture)}">`, source: "pages" })

const attributes = ({ key, bytes }: MatrixPicture) =>
  JSON.stringify({ id: key, attributes: { length__bytes: [[0, bytes.length, 1]] } })

/** Samples by their `id`, as Node's JSON reads it. */
function seenLines(texts: readonly string[]): Seen {
  return toSeen(texts.map((text) => [(JSON.parse(text) as { id: string }).id, text]))
}

function lines(title: string, name: string, lineOf: (picture: MatrixPicture) => string, tool?: string): MatrixFormat {
  return {
    title: `JSON lines, ${title}`,
    tools: tool === undefined ? [] : [tool],
    async write(folder, { all }) {
      const plain = tool === undefined ? name : name.replace(/\.[^.]+$/, "")
      writeFiles(folder, { [plain]: all.map((picture) => `${lineOf(picture)}\n`).join("") })
      if (tool !== undefined) execFileSync(tool, tool === "zstd" ? ["-q", "--rm", plain] : [plain], { cwd: folder })
    },
    async read(folder) {
      const path = join(folder, name)
      const options = { encoding: "utf8", maxBuffer: 2 ** 28 } as const
      const text = tool === undefined ? readFileSync(path, "utf8") : execFileSync(tool, ["-dc", path], options)
      if (!text.endsWith("\n")) throw new Error("the last line has no end")
      return seenLines(text.slice(0, -1).split("\n"))
    },
  }
}

/** Records of a crawl: each begins with its version and says how long its block is. */
function seenRecords(bytes: Buffer): Seen {
  const records: [string, Buffer][] = []
  for (let offset = 0; offset < bytes.length; ) {
    const head = bytes.toString("latin1", offset, bytes.indexOf("\r\n\r\n", offset))
    const length = Number(/^Content-Length: (\d+)$/m.exec(head)?.[1])
    const end = offset + head.length + length + 8
    records.push([/^WARC-Target-URI: (.*)$/m.exec(head)?.[1] ?? "", bytes.subarray(offset, end)])
    offset = end
  }
  return toSeen(records)
}

function warc(name: string, tool?: string): MatrixFormat {
  return {
    title: `WARC, ${name}`,
    async write(folder, { all }) {
      const records = all.map(({ name: picture, bytes }) =>
        responseRecord(`https://pictures.example/${picture}`, bytes, { http: { "Content-Type": "image/jpeg" } }),
      )
      writeFiles(folder, { [name]: Buffer.concat(tool === undefined ? records : records.map((one) => gzipSync(one))) })
    },
    async read(folder) {
      const path = join(folder, name)
      return seenRecords(
        tool === undefined ? readFileSync(path) : execFileSync(tool, ["-dc", path], { maxBuffer: 2 ** 28 }),
      )
    },
  }
}

const MDS = { caption: "str", image: "bytes", label: "int" }

/** Rows of the matrix. */
export const TEXTS: readonly MatrixFormat[] = [
  lines("chat with data: URLs", "chat.jsonl", chat),
  lines("chat with data: URLs, gzip", "chat.jsonl.gz", chat, "gzip"),
  lines("base64", "records.jsonl", record),
  lines("base64, zstd", "records.jsonl.zst", record, "zstd"),
  {
    title: "JSON array",
    write: async (folder, { all }) =>
      writeFiles(folder, { "records.json": `[\n  ${all.map(record).join(",\n  ")}\n]\n` }),
    async read(folder) {
      const records = JSON.parse(textOf(folder, "records.json")) as readonly object[]
      return seenLines(records.map((one) => JSON.stringify(one)))
    },
  },
  {
    ...lines("", DOCUMENTS, document, "gzip"),
    title: "Dolma",
    async write(folder, pictures) {
      await lines("", DOCUMENTS, document, "gzip").write(folder, pictures)
      await lines("", ATTRIBUTES, attributes, "gzip").write(folder, pictures)
    },
    readBesides: async (folder) => await lines("", ATTRIBUTES, attributes, "gzip").read(folder),
  },
  {
    title: "MDS",
    async write(folder, { all }) {
      const samples = all.map(({ key, bytes }) => ({
        caption: Buffer.from(key),
        image: bytes,
        label: Buffer.from("0700000000000000", "hex"),
      }))
      writeFiles(folder, mdsFolder(MDS, [samples.slice(0, 7), samples.slice(7)], { hashes: ["sha1"] }))
    },
    async read(folder) {
      const samples = ["shard.00000.mds", "shard.00001.mds"].flatMap((name) =>
        readMds(readFileSync(join(folder, name)), MDS),
      )
      return toSeen(samples.map((sample) => [String(sample["caption"]), JSON.stringify(sample)]))
    },
  },
  warc("crawl.warc"),
  warc("crawl.warc.gz", "gzip"),
]
