import { createHash } from "node:crypto"
import { picturesInText, unescapeText } from "@nightlight/core/embedded"
import { MARKED_FILES } from "../../../src/index.ts"

/** A string and its place. */
export interface Leaf {
  readonly path: string
  readonly text: string
}

const FILES = Object.values(MARKED_FILES).map((file) => Buffer.from(file))
const CARDS = new Set(FILES.map((file) => createHash("sha256").update(file).digest("hex")))

/** Every string of a value, including names of fields. Choices and parts are distinguished by their numbers. */
export function leavesOf(value: unknown, path = ""): readonly Leaf[] {
  if (typeof value === "string") return [{ path, text: value }]
  if (Array.isArray(value)) return value.flatMap((one, index) => leavesOf(one, `${path}[${numberOf(one) ?? index}]`))
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([name, one]) => [
    { path: `${path}.{}`, text: name },
    ...leavesOf(one, path === "" ? name : `${path}.${name}`),
  ])
}

function numberOf(value: unknown): number | undefined {
  const index = (value as { readonly index?: unknown } | null)?.index
  return typeof index === "number" ? index : undefined
}

/** Parts of a text that are not inspected. */
export interface Blindness {
  /** Texts that are not searched for pictures. */
  readonly pictures: readonly RegExp[]
  /** Texts whose words are not normalised. */
  readonly words: readonly RegExp[]
  /** Whether texts are inspected separately. */
  readonly isApart: boolean
}

const NONE: Blindness = { pictures: [], words: [], isApart: false }

/** Whether texts contain the marker or a listed picture, each alone or joined with the text that a reader sees next. */
export function isFound(leaves: readonly Leaf[], marker: string, blindness: Blindness = NONE): boolean {
  const texts = leaves.map(({ text }) => text)
  const parts = leaves
    .filter(({ path }) => /(?:^|[.:])(?:text|content|refusal|delta)$/.test(path))
    .map(({ text }) => text)
  const joined = blindness.isApart ? [] : [parts.join("")]
  return [...texts, ...joined].some((text) => sees(text, marker, blindness) || showsCard(text, blindness))
}

/** Whether bytes are a listed picture. */
export function isCardBytes(bytes: Uint8Array): boolean {
  return CARDS.has(createHash("sha256").update(bytes).digest("hex"))
}

function showsCard(text: string, { pictures }: Blindness): boolean {
  if (text.length < 100) return false
  const [, alone] = /^(?:data:image\/[a-z]+;base64,)?([A-Za-z0-9+/]+=*)$/.exec(text) ?? []
  if (alone !== undefined && isCardBytes(Buffer.from(alone, "base64"))) return true
  if (pictures.some((blind) => blind.test(text))) return false
  return picturesInText(text).pictures.some(({ bytes }) =>
    FILES.some((file) => file.equals(bytes.subarray(0, file.length))),
  )
}

function sees(text: string, marker: string, { words }: Blindness): boolean {
  if (normalise(text).includes(normalise(marker))) return true
  if (words.some((blind) => blind.test(text))) return false
  const unescaped = [text, ...unescapeText(text).texts.map((one) => one.text)]
  return unescaped.some((one) => bare(one).includes(bare(marker)))
}

/** Keeps letters and digits alone, without markup. */
function bare(text: string): string {
  return normalise(text.replace(/<[^>]*>/g, "")).replace(/[^\p{L}\p{N}]/gu, "")
}

/** Normalises case, width, invisible letters and look-alikes. */
function normalise(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, "")
    .replaceAll("\u0430", "a")
    .replaceAll("\u0435", "e")
    .replaceAll("\u043e", "o")
}
