/**
 * Input and output of a command, so that a test can replace them.
 * @module
 */

/** Streams, prompts and signals of a command. */
export interface Io {
  /** Writes to standard output: results, and nothing but JSON under `--json`. */
  readonly out: (text: string) => void
  /** Writes to standard error: progress, notes and errors. */
  readonly err: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Whether a person sees standard error as a terminal. */
  readonly isTty: boolean
  /** Whether a person sees standard output as a terminal, and no file or program gets it. */
  readonly isOutputTty: boolean
  /** Columns of the terminal, at least 40. */
  readonly columns: number
  /** Reads one hidden line after a prompt on standard error; undefined without a terminal. */
  readonly askSecret: (prompt: string) => Promise<string | undefined>
  /** Reads one line after a prompt on standard error; undefined without a terminal. */
  readonly ask: (prompt: string) => Promise<string | undefined>
  /** Aborts when the process is asked to stop. */
  readonly signal: AbortSignal
}
