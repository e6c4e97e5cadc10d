/** Runs actions one after another, or a few at a time. */
export interface Serial {
  /** Runs it in turn; only the caller sees a failure. */
  run<T>(action: () => Promise<T>): Promise<T>
}

/** Runs actions one after another; one that fails does not stop those that wait. */
export function createSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve()
  return {
    run(action) {
      const next = last.then(action, action)
      last = next.catch(() => undefined)
      return next
    },
  }
}

/** A queue of actions for every key. */
export interface KeyedSerial {
  run<T>(key: string, action: () => Promise<T>): Promise<T>
}

/** Runs actions of one key one after another, those of different keys side by side. */
export function createKeyedSerial(): KeyedSerial {
  const lines = new Map<string, { readonly serial: Serial; waiting: number }>()
  return {
    async run(key, action) {
      const line = lines.get(key) ?? { serial: createSerial(), waiting: 0 }
      lines.set(key, line)
      line.waiting++
      try {
        return await line.serial.run(action)
      } finally {
        if (--line.waiting === 0) lines.delete(key)
      }
    },
  }
}

/** Lets `count` actions run at once; the others wait, in order. */
export function createConcurrencyLimit(count: number): Serial {
  const waiting: (() => void)[] = []
  let free = count
  return {
    async run(action) {
      if (free > 0) free--
      else await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        return await action()
      } finally {
        const next = waiting.shift()
        if (next === undefined) free++
        else next()
      }
    },
  }
}
