/**
 * Bounds how much work is under way at once, by a count of permits.
 *
 * Waiters are served by rank, the lowest first, and in the order they came; a large request is not overtaken by small
 * ones of its rank.
 */
export class Semaphore {
  #free: number
  readonly #waiting: Waiter[] = []
  #capacity: number

  /** @param permits - how many may be held at once, at least 1. */
  constructor(permits: number) {
    this.#capacity = permits
    this.#free = permits
  }

  /** Waits for permits; asking for more than there are is asking for all. Returns how many to give back. */
  async acquire(permits = 1, rank = 0): Promise<number> {
    const wanted = Math.min(permits, this.#capacity)
    if (this.#waiting.length === 0 && this.#free >= wanted) {
      this.#free -= wanted
      return wanted
    }
    await new Promise<void>((resolve) => {
      const later = this.#waiting.findIndex((waiter) => waiter.rank > rank)
      this.#waiting.splice(later === -1 ? this.#waiting.length : later, 0, { permits: wanted, rank, resolve })
    })
    return wanted
  }

  /** Gives permits back. */
  release(permits = 1): void {
    this.#free += permits
    for (let next = this.#waiting[0]; next !== undefined && this.#free >= next.permits; next = this.#waiting[0]) {
      this.#free -= next.permits
      this.#waiting.shift()
      next.resolve()
    }
  }
  /** Takes permits away for good; those that are held go when they are given back. At least one must be left. */
  shrink(permits: number): void {
    this.#capacity -= permits
    this.#free -= permits
  }
}

interface Waiter {
  readonly permits: number
  readonly rank: number
  readonly resolve: () => void
}
