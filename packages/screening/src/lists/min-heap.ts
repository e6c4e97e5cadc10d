/** A binary heap whose smallest element is on top. */
export class MinHeap<T> {
  readonly #items: T[] = []
  readonly #compare: (a: T, b: T) => number

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  /** The smallest element. */
  get top(): T | undefined {
    return this.#items[0]
  }

  /** Adds an element. */
  push(item: T): void {
    const items = this.#items
    let index = items.length
    items.push(item)
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (this.#ordered(parent, index)) return
      this.#swap(parent, index)
      index = parent
    }
  }

  /** Removes the smallest element. */
  pop(): void {
    const last = this.#items.pop()
    if (last === undefined || this.#items.length === 0) return
    this.#items[0] = last
    this.settleTop()
  }

  /** Moves the top to its place after its value increased. */
  settleTop(): void {
    const { length } = this.#items
    for (let offset = 0; ; ) {
      const left = 2 * offset + 1
      if (left >= length) return
      const least = left + 1 < length && !this.#ordered(left, left + 1) ? left + 1 : left
      if (this.#ordered(offset, least)) return
      this.#swap(offset, least)
      offset = least
    }
  }

  #ordered(a: number, b: number): boolean {
    return this.#compare(this.#items[a] as T, this.#items[b] as T) <= 0
  }

  #swap(a: number, b: number): void {
    const items = this.#items
    const moved = items[a] as T
    items[a] = items[b] as T
    items[b] = moved
  }
}
