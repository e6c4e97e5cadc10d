import type { ScanReport } from "@nightlight/contract"

/** Writes a count with groups of thousands. */
export function count(value: number): string {
  return value.toLocaleString("en-US")
}

/** Writes a count with its noun. */
export function formatCount(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`
}

/** How an item matched, by the type of the list's entry. */
export const WAY_WORDS: Readonly<Record<ScanReport["matches"][number]["hashType"], string>> = {
  sha256: "SHA256: the same file, or its metadata states the digest",
  sha1: "SHA1: the same file, or its metadata states the digest",
  md5: "MD5: the same file, or its metadata states the digest",
  pdq: "PDQ: looks like a listed picture",
  url: "Address: its metadata names a listed address or host",
}

/** Each decision in a sentence. */
export const DECISION_WORDS: Readonly<Record<keyof ScanReport["decisions"], string>> = {
  quarantine: "Matches a known file exactly. Withheld.",
  block: "Withheld by the policy.",
  review:
    "Looks like a known picture, states a listed address or digest, or matches an unverified list. Withheld until a person decides.",
  inconclusive: "Could not be screened. Withheld, because only screened items are cleared.",
  unscreened: "There was no real list of files' hashes to check against. Not cleared.",
  clear: "Nothing was found.",
}

/** Each cause of an inconclusive item in words. */
export const CAUSE_WORDS: Readonly<Record<string, string>> = {
  media_unsupported: "a type that cannot be screened yet (video, HEIC, SVG and others)",
  media_unknown: "an unknown type",
  picture_undecodable: "a picture that could not be decoded",
  picture_damaged: "a picture that is cut off or damaged: the readable part matched nothing",
  pixel_limit: "more pixels than the limit",
  byte_limit: "larger than the limit",
  frame_limit: "more frames than the limit",
  time_limit: "took longer than the limit",
  memory_limit: "needed more memory than the limit",
  decoder_died: "the decoder died on it twice",
  polyglot: "a second file hidden behind the picture",
  source_unreadable: "could not be read",
  archive_encrypted: "an archive with a password",
  archive_limit: "an archive beyond the limits",
  archive_malformed: "a damaged archive",
  name_unsafe: "an unsafe name",
}
