/**
 * Limits work in progress by a number of permits.
 *
 * Waiters are served by rank, the lowest first, and in order of arrival; small requests do not overtake a large one of
 * their rank.
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

  /** Waits for permits; asking for more than exist asks for all. Returns how many to release. */
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
  /** Removes permits for good; those in use go when they are released. At least one must remain. */
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
