/** Exit codes, the same for every command. */
export const EXIT = {
  /** Done, and whatever was found is in the report: nothing to do for a script. */
  done: 0,
  /** Something got a decision that `--fail-on` asks to fail on. Never anything else. */
  findings: 1,
  /** Wrong use: an option, a file, a configuration or the state of the workspace. The same command fails again. */
  wrongUse: 2,
  /** Nothing real was there to check with: no list but test cards. There is no clean copy. */
  unscreened: 3,
  /** A verification, drill or conformance check failed. */
  checkFailed: 4,
  /** A disk, a file or a process failed: the same command may succeed later and goes on where it stopped. */
  retryable: 10,
  /** At least one shard is broken or hostile and was set aside; the others are done. */
  poisonShard: 42,
  /** Stopped for a person, after `--stop-after` exact matches of trusted lists. */
  stopped: 50,
  /** A fault of Nightlight itself. */
  internal: 70,
} as const

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
