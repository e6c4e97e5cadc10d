/**
 * Reads one of the guard's YAML files, checked whole.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { type Document, LineCounter, parseDocument } from "yaml"
import type { z } from "zod"
import { type ReadText, readText } from "./config-files.ts"

/** Largest file, bytes: lists of phrases are long. */
const MAX_BYTES = 16 * 1024 * 1024

/**
 * Reads and checks a file.
 *
 * @param name - the operator's name for it: messages use it; they name keys and lines and repeat no value.
 * @throws {RequestError} `config_invalid`.
 */
export async function readYaml<Schema extends z.ZodType>(
  path: string,
  name: string,
  schema: Schema,
  read: ReadText = readText,
): Promise<z.infer<Schema>> {
  const text = await read(path).catch(() => {
    throw new RequestError("config_invalid", `${name} cannot be read`)
  })
  return parseYaml(text, name, schema)
}

/** Checks a text. @throws {RequestError} `config_invalid`, naming each offending key and its line. */
export function parseYaml<Schema extends z.ZodType>(text: string, name: string, schema: Schema): z.infer<Schema> {
  if (text.length > MAX_BYTES) throw invalid(name, [`the file is larger than ${MAX_BYTES} bytes`])
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  if (document.errors.length > 0) {
    throw invalid(
      name,
      document.errors.map((error) => `line ${lines.linePos(error.pos[0]).line}: ${error.code.toLowerCase()}`),
    )
  }
  const parsed = schema.safeParse(toPlain(document, name))
  if (parsed.success) return parsed.data
  throw invalid(
    name,
    parsed.error.issues.slice(0, 20).map((issue) => {
      const node = document.getIn(issue.path as (string | number)[], true) as { range?: [number] } | undefined
      const line = node?.range === undefined ? "" : `line ${lines.linePos(node.range[0]).line}: `
      return `${line}${issue.path.join(".") || "file"}: ${issue.message}`
    }),
  )
}

function toPlain(document: Document, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch {
    throw invalid(name, ["aliases are not followed"])
  }
}

function invalid(name: string, problems: readonly string[]): RequestError {
  return new RequestError("config_invalid", `${name} is not usable: ${problems.join("; ")}`, {
    hint: "docs/reference/guard-config.md lists every key.",
  })
}
