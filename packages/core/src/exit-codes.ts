/** Exit codes, the same for every command. */
export const EXIT = {
  done: 0,
  /** Findings under `--fail-on`. */
  findings: 1,
  wrongUse: 2,
  /** Nothing real was there to check with. */
  unscreened: 3,
  /** A verification, drill or conformance check failed. */
  checkFailed: 4,
  /** The same command may succeed later. */
  retryable: 10,
  /** At least one shard is broken or hostile and was set aside. */
  poisonShard: 42,
  /** Stopped for a person. */
  stopped: 50,
  /** Our own fault. */
  internal: 70,
} as const

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
