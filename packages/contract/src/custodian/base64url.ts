/** Writes bytes as base64url without padding, in a browser and in Node. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = ""
  // Arguments of a call lie on the stack: a long array in one piece would overflow it.
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
}

/**
 * Reads base64url.
 *
 * @throws {TypeError} if the text is not base64url.
 */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw new TypeError("expected base64url")
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
