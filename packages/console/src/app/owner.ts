/**
 * Ties a page to one person. What the page keeps in memory (data, typed text, secrets shown once) belongs to that
 * person; when somebody else signs in, the page reloads.
 * @module
 */

let owner: string | undefined
/** Announces the signed-in person to the browser's other pages, which share the session. */
const others = new BroadcastChannel("nightlight-person")

/** Whether the page belongs to another person. The first person it is called with becomes its owner. */
export function isOtherOwner(person: string): boolean {
  if (owner === undefined) others.postMessage(person)
  owner ??= person
  return owner !== person
}

/** Loads the page anew, at `path` if given, which discards everything in memory. */
export function reloadPage(path?: string): void {
  if (path === undefined) window.location.reload()
  else window.location.replace(path)
}

/**
 * Reloads when another page announces another person, or when the browser restores the page from its back-forward
 * cache.
 */
export function reloadOnOtherPerson(): void {
  others.addEventListener("message", ({ data: person }: MessageEvent<string>) => {
    if (owner !== undefined && owner !== person) reloadPage()
  })
  window.addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return
    document.getElementById("root")?.replaceChildren()
    reloadPage()
  })
}
