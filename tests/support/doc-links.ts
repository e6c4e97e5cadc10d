/** A link to a heading: the page, relative to the one that links, or "" for the same page; and the heading's slug. */
export interface HeadingLink {
  readonly page: string
  readonly slug: string
}

/** A page's links to headings of pages in the repository. */
export function headingLinksOf(page: string): HeadingLink[] {
  return [...page.matchAll(/\]\(([^)\s#]*)#([^)\s]+)\)/g)]
    .map((match) => ({ page: match[1] ?? "", slug: match[2] ?? "" }))
    .filter((link) => !/^(?:https?|mailto):/.test(link.page))
}

/** Slugs of a page's headings, as GitHub makes them: lower case, spaces to hyphens, punctuation dropped. */
export function headingSlugsOf(page: string): ReadonlySet<string> {
  const prose = page.replace(/^ *```.*\n[\s\S]*?^ *```$/gm, "")
  const headings = [...prose.matchAll(/^#+ (.*)$/gm)].map((match) => match[1] ?? "")
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  )
}
