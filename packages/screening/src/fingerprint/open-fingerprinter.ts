/**
 * The decoder for scan, guard and intake, which may not import the decoder package themselves.
 * @module
 */
import { type Decoder, type DecoderOptions, openDecoder } from "@nightlight/decoder"

/** Makes fingerprints in child processes without keys or connections. Dispose of it when done. */
export type Fingerprinter = Decoder

/** How a {@link Fingerprinter} is set up: folders it may read, processes, profile, kernel, limits. */
export type FingerprinterOptions = DecoderOptions

/**
 * Starts the decoder's children. Its `fingerprint` is the port that `screen` takes.
 *
 * @throws {RequestError} `input_invalid` when a limit is not a whole number, or a folder to read does not exist.
 * @throws {DependencyError} `decoder_unavailable` when no child starts.
 */
export function openFingerprinter(options: FingerprinterOptions): Promise<Fingerprinter> {
  return openDecoder(options)
}
