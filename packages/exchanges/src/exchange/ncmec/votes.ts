import { RequestError } from "@nightlight/core"

const NAMESPACE = "https://hashsharing.ncmec.org/hashsharing/v2"

/**
 * The document of a vote.
 *
 * @param reasonIds - The service's own ids (GUIDs); for a negative vote at least one.
 * @throws {RequestError} `input_invalid`.
 */
export function feedbackSubmission(verdict: "affirmative" | "negative", reasonIds: readonly string[]): string {
  const areIds = reasonIds.every((id) => /^[\w-]{1,64}$/.test(id))
  if (!areIds || (verdict === "negative") !== reasonIds.length > 0) {
    throw new RequestError("input_invalid", "a negative vote has one or more reasons, an affirmative one has none")
  }
  const guids = reasonIds.map((id) => `<guid>${id}</guid>`).join("")
  const vote = verdict === "affirmative" ? "<affirmative/>" : `<negative><reasonIds>${guids}</reasonIds></negative>`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<feedbackSubmission xmlns="${NAMESPACE}">${vote}</feedbackSubmission>\n`
}
