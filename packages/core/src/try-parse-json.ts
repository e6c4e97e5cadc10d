/** The value of a JSON text; `undefined` where it is not JSON, since the parser's own error would quote it. */
export function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
