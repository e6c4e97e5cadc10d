import type { ListItem } from "@nightlight/core"

/** So many PDQ hashes, one after another; without end unless told. */
export async function* madeUpItems(count = Number.POSITIVE_INFINITY): AsyncGenerator<ListItem> {
  for (let line = 1; line <= count; line++) {
    const hash = line.toString(16).padStart(64, "0")
    yield { ok: true, line, record: { hashType: "pdq", hash, category: "A1" } }
  }
}
