import type { AutomationTemplate } from "@nightlight/contract/server"
import { authorisationWords as say } from "#messages/authorisation-words.ts"
import type { SchemaOutput } from "../api/schema-output.ts"

/** The template of automatically filed reports, which two people sign. */
export type Template = SchemaOutput<typeof AutomationTemplate>["template"]

/** Every member of a template, with its texts as they are signed. */
export function templateFacts(template: Template): { readonly name: string; readonly values: readonly string[] }[] {
  const { fixed, service, times, lines, place, files } = template
  return [
    { name: say.incidentType, values: [fixed.incidentType] },
    { name: say.platform, values: [fixed.platform ?? say.none] },
    { name: say.reporter, values: textsOf(fixed.reporter) },
    { name: say.service, values: [service ?? say.none] },
    { name: say.times, values: times },
    { name: say.lines, values: lines },
    { name: say.place, values: place },
    { name: say.files, values: files },
  ].map(({ name, values }) => ({ name, values: values.length === 0 ? [say.none] : values }))
}

/** Every value of a document, each after the names of the members that lead to it. */
function textsOf(value: unknown, names: readonly string[] = []): string[] {
  if (typeof value !== "object" || value === null) return [`${names.join(", ")}: ${String(value)}`]
  return Object.entries(value).flatMap(([key, member]) =>
    textsOf(member, /^\d+$|^value$/.test(key) ? names : [...names, inWords(key)]),
  )
}

/** `reportingPerson` as "reporting person", `legalURL` as "legal URL". */
function inWords(member: string): string {
  return member
    .replaceAll(/(?<=[a-z])[A-Z](?=[a-z])/g, (letter) => ` ${letter.toLowerCase()}`)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")
}
