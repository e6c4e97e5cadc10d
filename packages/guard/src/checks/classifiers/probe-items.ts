/**
 * The probe that shows whether a failed classifier works again: a greeting, or a grey square.
 * @module
 */
import type { CheckItem, Medium } from "../../inspect/inspectable.ts"

/** A PNG of 64 by 64 grey pixels. */
const GREY_SQUARE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAAKUlEQVR4nO3MQREAAAwCIKMb3RD77SAA6VEEAoFAIBAIBAKBQCAQfA8G320AeUC9G5AAAAAASUVORK5CYII=",
  "base64",
)

/** Makes a harmless item of a medium. */
export function probeItem(medium: Medium): CheckItem {
  const place = { role: "user", choice: 0, path: "probe" } as const
  return medium === "text"
    ? { ...place, kind: "text", channel: "text", text: "Good morning." }
    : { ...place, kind: "bytes", channel: "image", bytes: new Uint8Array(GREY_SQUARE) }
}
