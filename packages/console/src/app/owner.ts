/**
 * Whose this page is. What it keeps in memory (what was read, typed, shown once) is one person's: where another one is
 * signed in, it begins anew.
 * @module
 */

let owner: string | undefined
/** Where a page says whose it is: all pages of a browser have one session. */
const others = new BroadcastChannel("nightlight-person")

/** Whether the page was somebody else's until now; the first person it hears of owns it. */
export function isAnothers(person: string): boolean {
  if (owner === undefined) others.postMessage(person)
  owner ??= person
  return owner !== person
}

/** Goes to a path of the console, or stays where it is, and leaves everything in memory behind. */
export function beginAnew(path?: string): void {
  if (path === undefined) window.location.reload()
  else window.location.replace(path)
}

/** Begins anew once the page is another person's, or the browser kept it aside and brings it back. */
export function keepToOnePerson(): void {
  others.addEventListener("message", ({ data: person }: MessageEvent<string>) => {
    if (owner !== undefined && owner !== person) beginAnew()
  })
  window.addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return
    document.getElementById("root")?.replaceChildren()
    beginAnew()
  })
}
