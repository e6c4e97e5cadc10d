import type { Exchange, ExchangeCheckpoint, ExchangeEntry, ExchangePage } from "../../src/index.ts"

/** What a reader of an exchange knows, and where it continues. */
export class Reader {
  readonly entries = new Map<string, ExchangeEntry>()
  readonly malformed: Record<string, number> = {}
  readonly pages: ExchangePage[] = []
  checkpoint: ExchangeCheckpoint | undefined
  readonly #modified = new Map<string, string>()

  /** Fetches, and stops after this many pages; the checkpoint is kept as a database would keep it. */
  async fetch(exchange: Exchange, pages = Number.POSITIVE_INFINITY): Promise<this> {
    let count = 0
    for await (const page of exchange.fetch(this.checkpoint)) {
      this.#apply(page)
      if (++count >= pages) break
    }
    return this
  }

  #apply({ changes, malformed, checkpoint }: ExchangePage): void {
    this.pages.push({ changes, malformed, checkpoint } as ExchangePage)
    for (const change of changes) {
      const { key, modifiedAt } = change.change === "present" ? change.entry : change
      if ((this.#modified.get(key) ?? "") > modifiedAt) continue
      this.#modified.set(key, modifiedAt)
      if (change.change === "present") this.entries.set(key, change.entry)
      else this.entries.delete(key)
    }
    for (const [reason, count] of Object.entries(malformed)) {
      this.malformed[reason] = (this.malformed[reason] ?? 0) + count
    }
    this.checkpoint = JSON.parse(JSON.stringify(checkpoint)) as ExchangeCheckpoint
  }
}

/** A clock that stands still until it is moved. */
export class StoppedClock {
  #ms: number

  constructor(at: string) {
    this.#ms = Date.parse(at)
  }

  readonly now = (): Date => new Date(this.#ms)

  advance(seconds: number): void {
    this.#ms += seconds * 1000
  }
}
