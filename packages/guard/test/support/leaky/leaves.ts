import { createHash } from "node:crypto"
import { TEST_CARD_COUNT, testCardDigests } from "@nightlight/screening"

/** A string and where it stands. */
export interface Leaf {
  readonly path: string
  readonly text: string
}

const CARDS = new Set(Array.from({ length: TEST_CARD_COUNT }, (_, card) => testCardDigests(card).sha256))

/** Every string of a value, names of fields among them; choices and parts are told apart by their numbers. */
export function leavesOf(value: unknown, path = ""): readonly Leaf[] {
  if (typeof value === "string") return [{ path, text: value }]
  if (Array.isArray(value)) return value.flatMap((one, at) => leavesOf(one, `${path}[${numberOf(one) ?? at}]`))
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

/** Whether texts hold the marker, each by itself or next to each other, or a picture that is a test card. */
export function isFound(leaves: readonly Leaf[], marker: string, sees = fold): boolean {
  const texts = leaves.map(({ text }) => text)
  const parts = leaves.filter(({ path }) => path.endsWith(".text")).map(({ text }) => text)
  return [...texts, parts.join("")].some((text) => sees(text).includes(sees(marker))) || texts.some(isCard)
}

/** Whether bytes are a test card. */
export function isCardBytes(bytes: Uint8Array): boolean {
  return CARDS.has(createHash("sha256").update(bytes).digest("hex"))
}

function isCard(text: string): boolean {
  return text.length > 100 && isCardBytes(Buffer.from(text.replace(/^data:[^,]*,/, ""), "base64"))
}

/** Case, width, invisible letters and look-alikes do not hide a word. */
export function fold(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, "")
    .replaceAll("\u0430", "a")
    .replaceAll("\u0435", "e")
    .replaceAll("\u043e", "o")
}
