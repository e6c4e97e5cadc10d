/** Runs actions one after another. */
export interface Serial {
  /** Runs when all given before have ended; a failure is the caller's alone. */
  run<T>(action: () => Promise<T>): Promise<T>
}

/** Makes a line of actions. */
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

/** A line of actions for every key. */
export interface KeyedSerial {
  run<T>(key: string, action: () => Promise<T>): Promise<T>
}

/** Makes lines of actions that forget keys nobody waits for. */
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
