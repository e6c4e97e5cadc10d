/**
 * Parses and checks an operator's configuration. Messages name keys and lines, but never repeat a value, which may be a
 * secret.
 * @module
 */
import { type Document, LineCounter, parseDocument, type YAMLParseError } from "yaml"
import { RequestError } from "../errors.ts"

/** A schema that checks a value, such as a zod schema. */
export interface YamlSchema<T> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: T }
    | {
        readonly success: false
        readonly error: {
          readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]
        }
      }
}

/** A configuration file. */
export interface YamlFile {
  /** The operator's name for the file, such as `server.yaml`, for messages. */
  readonly name: string
  /** Where its keys are described, for readers of a message. */
  readonly hint: string
  /** Longest text that is read, UTF-16 code units; default 65,536. */
  readonly maxLength?: number
}

const MAX_LENGTH = 65_536
const MAX_PROBLEMS = 20

/**
 * Parses YAML without aliases and duplicate keys, and checks it.
 *
 * @throws {RequestError} `config_invalid`, naming each offending key and its line, up to 20 of them.
 */
export function parseYaml<T>(text: string, schema: YamlSchema<T>, file: YamlFile): T {
  const { maxLength = MAX_LENGTH } = file
  if (text.length > maxLength) throw invalid(file, [`the file is larger than ${maxLength} bytes`])
  const lines = new LineCounter()
  const lineOf = (offset: number) => `line ${lines.linePos(offset).line}: `
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  if (document.errors.length > 0) {
    throw invalid(
      file,
      document.errors.map((error) => `${lineOf(error.pos[0])}${wordsOf(error)}`),
    )
  }
  const parsed = schema.safeParse(toPlain(document, file))
  if (parsed.success) return parsed.data
  throw invalid(
    file,
    parsed.error.issues.map(({ path, message }) => {
      const node = document.getIn(path, true) as { readonly range?: readonly [number] } | undefined
      const line = node?.range === undefined ? "" : lineOf(node.range[0])
      return `${line}${path.join(".") || "file"}: ${message}`
    }),
  )
}

/** The parser's own message quotes the text, which may be a secret. */
function wordsOf({ code }: YAMLParseError): string {
  return code === "DUPLICATE_KEY" ? "duplicate key" : code.toLowerCase().replaceAll("_", " ")
}

function toPlain(document: Document, file: YamlFile): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch {
    throw invalid(file, ["aliases are not allowed"])
  }
}

function invalid({ name, hint }: YamlFile, problems: readonly string[]): RequestError {
  const words = problems.slice(0, MAX_PROBLEMS).join("; ")
  return new RequestError("config_invalid", `${name} is not usable: ${words}`, { hint })
}
