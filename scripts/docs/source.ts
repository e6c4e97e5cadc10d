/** A name in a source with the doc comment right above it. */
export interface Commented {
  readonly name: string
  /** Without its marks and line breaks; empty where there is none. */
  readonly comment: string
}

/** Reads a doc comment as one line of text. */
export function commentText(comment: string): string {
  return comment
    .replace(/^\/\*\*|\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim())
    .join(" ")
    .replace(/\{@link ([\w.]+)\}/g, "`$1`")
    .trim()
}

/**
 * Reads the members of a union or an object literal with the comment above each.
 *
 * @param member - Matches a line that declares one; its first group is the name.
 */
export function readMembers(body: string, member: RegExp): Commented[] {
  const members: Commented[] = []
  let comment = ""
  let isOpen = false
  for (const line of body.split("\n").map((text) => text.trim())) {
    if (line.startsWith("/**")) {
      comment = line
      isOpen = !line.endsWith("*/")
    } else if (isOpen) {
      comment += `\n${line}`
      isOpen = !line.endsWith("*/")
    } else {
      const name = member.exec(line)?.[1]
      if (name === undefined) continue
      members.push({ name, comment: commentText(comment) })
      comment = ""
    }
  }
  return members
}
