/**
 * Reads one of the guard's YAML files, checked whole.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { parseYaml } from "@nightlight/core/yaml"
import type { z } from "zod"
import { type ReadText, readText } from "./config-files.ts"

/** Longest file; lists of phrases are long. */
const MAX_LENGTH = 16 * 1024 * 1024

/**
 * Reads and checks a file.
 *
 * @param name - the operator's name for it. Messages use it; they name keys and lines and repeat no value.
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
  return parseGuardYaml(text, name, schema)
}

/** Checks a text. @throws {RequestError} `config_invalid`, naming each offending key and its line. */
export function parseGuardYaml<Schema extends z.ZodType>(text: string, name: string, schema: Schema): z.infer<Schema> {
  const hint = "docs/reference/guard-config.md lists every key."
  return parseYaml(text, schema, { name, hint, maxLength: MAX_LENGTH })
}
