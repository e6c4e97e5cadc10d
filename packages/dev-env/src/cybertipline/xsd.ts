import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { validateXML } from "xmllint-wasm"

/** Path of the published schema, outside the repository; it may be absent. */
export const PUBLISHED_XSD = fileURLToPath(
  new URL("../../../../../shared/data/cybertipline/cyber_tipline.xsd", import.meta.url),
)

/** Whether the published schema is present. */
export const hasPublishedXsd = existsSync(PUBLISHED_XSD)
if (!hasPublishedXsd) console.warn("no published schema in ../shared/data/cybertipline: tests against it are skipped")

/** The published schema's text. */
export function publishedXsd(): string {
  return readFileSync(PUBLISHED_XSD, "utf8")
}

/** Validates documents in one run. Returns the validator's messages about invalid ones. */
export async function xsdErrors(documents: readonly string[], schema: string): Promise<readonly string[]> {
  const { valid, errors } = await validateXML({
    xml: documents.map((contents, index) => ({ fileName: `document-${index}.xml`, contents })),
    schema: [schema],
    initialMemoryPages: 1024,
    maxMemoryPages: 8192,
  })
  return valid ? [] : errors.map(({ rawMessage }) => rawMessage)
}
