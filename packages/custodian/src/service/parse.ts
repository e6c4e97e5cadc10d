import type { z } from "zod"
import { refusal } from "../refusal.ts"

/**
 * Parses a body or query.
 *
 * @throws {RequestError} `input_invalid` (`malformed`), naming the first wrong member, never its value.
 */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const path = parsed.error.issues[0]?.path ?? []
  // A record's own key is the caller's text: only names that the schema knows are reported.
  const member = path.filter((part) => typeof part === "string" && /^[a-z][A-Za-z0-9]{0,39}$/.test(part)).join(".")
  throw refusal("malformed", "the request does not match the schema", member === "" ? {} : { member })
}
