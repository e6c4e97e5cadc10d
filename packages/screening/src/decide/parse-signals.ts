import { RequestError, type Signals } from "@nightlight/core"
import { PolicyTestDocument } from "./policy-schema.ts"
import { toSignals } from "./policy-tests.ts"

/**
 * Reads signals from JSON, in the form of a policy's tests; the defaults are a picture, screened, without signals.
 *
 * @throws {RequestError} `input_invalid`, naming the member that is wrong.
 */
export function parseSignals(text: string): Signals {
  const parsed = PolicyTestDocument.shape.signals.safeParse(parseJson(text))
  if (parsed.success) return toSignals(parsed.data)
  const [issue] = parsed.error.issues
  throw new RequestError(
    "input_invalid",
    `the signals are not usable: ${issue?.path.join(".") || "file"}: ${issue?.code}`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RequestError("input_invalid", "the signals are no JSON")
  }
}
