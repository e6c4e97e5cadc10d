/** Exit codes, the same for every command. */
export const EXIT = {
  /** Done; any findings are in the report. */
  done: 0,
  /** An item got a decision that `--fail-on` names. Used for nothing else. */
  findings: 1,
  /** Wrong use: an option, a file, a configuration or the state of the workspace. The same command fails again. */
  wrongUse: 2,
  /** There was no list except test cards. There is no clean copy. */
  unscreened: 3,
  /** A verification, drill or conformance check failed. */
  checkFailed: 4,
  /** Most of the input, by items or by bytes, is of formats that cannot be screened or could not be read. */
  mostlyUnread: 5,
  /** A disk, a file or a process failed: the same command may succeed later, and continues where it stopped. */
  retryable: 10,
  /** At least one shard is broken or hostile and was set aside; the others are done. */
  poisonShard: 42,
  /** Stopped for a person's review, after `--stop-after` exact matches of trusted lists. */
  stopped: 50,
  /** An internal error of Nightlight. */
  internal: 70,
} as const

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
