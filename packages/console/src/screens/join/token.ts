/** The token of a join link, from the URL fragment, which browsers never send; `undefined` if there is none. */
export function tokenOfLink(): string | undefined {
  const token = window.location.hash.slice(1)
  return /^[A-Za-z0-9_-]{43}$/.test(token) ? token : undefined
}
