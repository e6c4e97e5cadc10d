import { parseXml, type XmlNode } from "../xml/parse.ts"

/** The content of an XML answer, whatever the HTTP status. */
export interface Answer {
  readonly root: "reportResponse" | "reportDoneResponse"
  readonly responseCode: number
  readonly description?: string
  readonly reportId?: string
  readonly fileId?: string
  readonly hash?: string
  readonly fileIds: readonly string[]
}

/** An answer, or why it is malformed. */
export type ReadAnswer =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "unreadable"; readonly reason: "doctype" | "malformed" }

const malformed: ReadAnswer = { kind: "unreadable", reason: "malformed" }

/** Reads `<reportResponse>` or `<reportDoneResponse>`; unknown elements are ignored. */
export function readAnswer(xml: string): ReadAnswer {
  const parsed = parseXml(xml)
  if (parsed.kind === "refused") return { kind: "unreadable", reason: parsed.reason }
  const { name } = parsed.root
  if (name !== "reportResponse" && name !== "reportDoneResponse") return malformed
  const members = membersOf(parsed.root)
  const code = members?.get("responseCode")?.text.trim() ?? ""
  if (members === undefined || !/^-?\d{1,9}$/.test(code)) return malformed
  const files = members.get("files")?.children ?? []
  return {
    kind: "answer",
    answer: {
      root: name,
      responseCode: Number(code),
      ...textOf(members, "description", "responseDescription"),
      ...textOf(members, "reportId", "reportId"),
      ...textOf(members, "fileId", "fileId"),
      ...textOf(members, "hash", "hash"),
      fileIds: files.filter((file) => file.name === "fileId").map(({ text }) => text.trim()),
    },
  }
}

/** Members by name; none if one occurs twice, since it is unclear which counts. */
function membersOf({ children }: XmlNode): Map<string, XmlNode> | undefined {
  const members = new Map(children.map((child) => [child.name, child]))
  return members.size === children.length ? members : undefined
}

function textOf<Key extends string>(
  members: ReadonlyMap<string, XmlNode>,
  key: Key,
  name: string,
): { readonly [K in Key]?: string } {
  const text = members.get(name)?.text.trim() ?? ""
  return text === "" ? {} : ({ [key]: text } as { readonly [K in Key]?: string })
}
