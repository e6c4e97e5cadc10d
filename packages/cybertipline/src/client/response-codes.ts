/** Response codes of the documentation; the service may answer with others. */
export const RESPONSE_CODES = {
  success: 0,
  serverError: 1000,
  saveFailed: 1100,
  uploadFailed: 1110,
  fileUploadFailed: 1111,
  resourceNotFound: 1210,
  updateFailed: 1300,
  authenticationRequired: 2000,
  notAuthorised: 3000,
  noSubmissionAuthorisation: 3100,
  noUpdateAuthorisation: 3300,
  invalidRequest: 4000,
  validationFailed: 4100,
  malformedXml: 4110,
  malformedFile: 4200,
  reportUnknown: 5001,
  fileUnknown: 5002,
  reportRetracted: 5101,
  reportFinished: 5102,
} as const

/**
 * Class of a refusal, which says how the caller must react.
 *
 * `auth`: credentials or permissions; a person must act, repeating is useless. `retryable`: the service failed; the
 * same call may succeed later. `terminal`: the request is wrong and stays so. `context`: the report or file is not in
 * the state the call needs (5001, 5002, 5101, 5102); what that means depends on the call. The classes are inferred from
 * the codes' descriptions; the documentation names none.
 */
export type RejectionClass = "auth" | "retryable" | "terminal" | "context"

/** Class of a response code. */
export type ResponseClass = "success" | "unknown" | RejectionClass

const CLASSES: ReadonlyMap<number, ResponseClass> = new Map<number, ResponseClass>([
  [0, "success"],
  ...[1000, 1100, 1110, 1111, 1300].map((code) => [code, "retryable"] as const),
  ...[2000, 3000, 3100, 3300].map((code) => [code, "auth"] as const),
  ...[1210, 4000, 4100, 4110, 4200].map((code) => [code, "terminal"] as const),
  ...[5001, 5002, 5101, 5102].map((code) => [code, "context"] as const),
])

/** Classifies a response code; one that the documentation does not list is `unknown`, never `success`. */
export function classifyResponseCode(code: number): ResponseClass {
  return CLASSES.get(code) ?? "unknown"
}
