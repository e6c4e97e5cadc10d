import { RequestError, type Signals } from "@nightlight/core"
import { PolicyTestDocument } from "./policy-schema.ts"
import { toSignals } from "./policy-tests.ts"

/**
 * Reads signals from JSON in the form of a policy's tests. Defaults: a picture, screened, without matches or scores.
 *
 * @throws {RequestError} `input_invalid`, naming the invalid member.
 */
export function parseSignals(text: string): Signals {
  const parsed = PolicyTestDocument.shape.signals.safeParse(parseJson(text))
  if (parsed.success) return toSignals(parsed.data)
  const [issue] = parsed.error.issues
  throw new RequestError(
    "input_invalid",
    `the signals are not valid: ${issue?.path.join(".") || "file"}: ${issue?.code}`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RequestError("input_invalid", "the signals are not valid JSON")
  }
}
