/**
 * Bounds how much work is under way at once, by a count of permits.
 *
 * Waiters are served in the order they came; a large request is not overtaken by small ones.
 */
export class Semaphore {
  #free: number
  readonly #waiting: { readonly permits: number; readonly resolve: () => void }[] = []
  readonly #capacity: number

  /** @param permits - how many may be held at once, at least 1. */
  constructor(permits: number) {
    this.#capacity = permits
    this.#free = permits
  }

  /** Waits for permits; asking for more than there are is asking for all. Returns how many to give back. */
  async acquire(permits = 1): Promise<number> {
    const wanted = Math.min(permits, this.#capacity)
    if (this.#waiting.length === 0 && this.#free >= wanted) {
      this.#free -= wanted
      return wanted
    }
    await new Promise<void>((resolve) => this.#waiting.push({ permits: wanted, resolve }))
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
}
