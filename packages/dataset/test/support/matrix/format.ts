import type { Pictures, Seen } from "./plants.ts"

/** A row of the matrix: a format as another writer writes it and another reader reads it. */
export interface MatrixFormat {
  readonly title: string
  /** Tools of the system that write and read it. */
  readonly tools?: readonly string[]
  /** Writes a dataset with every picture into an empty folder. */
  write(folder: string, pictures: Pictures): Promise<void>
  /** Reads its samples back, in order. */
  read(folder: string): Promise<Seen>
  /**
   * Reads the files beside the samples, by the samples that they describe. A clean copy corrects them; a purge names
   * them and leaves them.
   */
  readBesides?(folder: string): Promise<Seen>
  /** Whether the rows of these files state the digests of the pictures. */
  readonly statesDigests?: true
  /** Numbers of samples that files beside them state. */
  countsOf?(folder: string): Promise<readonly (number | undefined)[]>
}
