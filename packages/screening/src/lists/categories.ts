import { RequestError } from "@nightlight/core"

/** Largest number of categories in one list: a record has 16 bits for a category's position. */
export const CATEGORY_LIMIT = 65_536

/** Numbers a list's categories in order of appearance, and gives their sorted places at the end. */
export class CategoryNumbers {
  readonly #numbers = new Map<string, number>()

  /** The number of a category. @throws {RequestError} `list_malformed` beyond {@link CATEGORY_LIMIT}. */
  numberOf(category: string): number {
    const known = this.#numbers.get(category)
    if (known !== undefined) return known
    const number = this.#numbers.size
    if (number >= CATEGORY_LIMIT) {
      throw new RequestError("list_malformed", `expected at most ${CATEGORY_LIMIT} different categories`)
    }
    // Copied, because the text may be a slice that keeps a whole chunk of the file in memory.
    this.#numbers.set(Buffer.from(category, "utf8").toString("utf8"), number)
    return number
  }

  /** The categories sorted by UTF-16 code units, and the place of each number among them. */
  sorted(): { readonly categories: readonly string[]; readonly places: Uint16Array } {
    const categories = [...this.#numbers.keys()].sort()
    const places = new Uint16Array(this.#numbers.size)
    for (const [place, category] of categories.entries()) places[this.#numbers.get(category) ?? 0] = place
    return { categories, places }
  }
}
