/**
 * Which headers pass, both ways: only those that a dialect lists.
 * @module
 */

/** Headers with one value each. */
export type OneValueHeaders = Readonly<Record<string, string>>

/** Headers as Node gives them: lower-case names. */
export type CallHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Lower-case names of headers, with the required form of their values. */
export type HeaderForms = ReadonlyMap<string, RegExp>

/** The headers of a list whose values have their form. */
export function pickHeaders(headers: CallHeaders, forms: HeaderForms): OneValueHeaders {
  const picked: Record<string, string> = {}
  for (const [name, form] of forms) {
    const value = headers[name]
    if (typeof value === "string" && form.test(value)) picked[name] = value
  }
  return picked
}
