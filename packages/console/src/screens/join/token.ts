/** The token of a link, from the part of the address that no server sees; `undefined` where there is none. */
export function tokenOfLink(): string | undefined {
  const token = window.location.hash.slice(1)
  return /^[A-Za-z0-9_-]{43}$/.test(token) ? token : undefined
}
