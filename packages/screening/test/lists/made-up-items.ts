import type { ListItem } from "@nightlight/core"

/** Yields this many PDQ hashes; endless by default. */
export async function* madeUpItems(count = Number.POSITIVE_INFINITY): AsyncGenerator<ListItem> {
  for (let line = 1; line <= count; line++) {
    const hash = line.toString(16).padStart(64, "0")
    yield { ok: true, line, record: { hashType: "pdq", hash, category: "A1" } }
  }
}
