/** Answers that `nightlight init` writes into a new configuration. */
export interface ConfigAnswers {
  readonly custody: "locate" | "seal"
  readonly basis: string | null
}

/** Returns the text of a new `nightlight.yaml`, with a comment on every key that a newcomer meets. */
export function defaultConfigText({ custody, basis }: ConfigAnswers): string {
  return `# Nightlight workspace. Every key is described in docs/reference/config.md.
version: 1

custody:
  # locate: withhold a known item from the clean copy and record where it is.
  # seal:   also keep a sealed copy. For a registered US provider, or on another legal basis: decide with counsel.
  # Test cards are always sealed, so that the path is exercised.
  mode: ${custody}
  # Why sealed copies may be kept; needed for "seal".
  basis: ${basis === null ? "null" : JSON.stringify(basis)}

# What a match, a failure or an unknown type leads to. Try changes with \`nightlight policy test\`.
policy: policy.yaml

scan:
  profile: fullres        # or ref512nn, to agree with tools that shrink to 512x512 first
  kernel: fast            # or exact; fast differs by at most 4 bits
  processes: 0            # decoder processes; 0 is one for every core
  exclude: []             # paths that no scan reads, such as ["drafts/**", "*.tmp"]
  keepOrientations: false # true: hunts also find mirrored and turned copies; sidecars grow by 256 bytes a picture
  limits:
    itemBytes: 268435456  # a larger picture is digested but not decoded
    pixels: 100000000     # of one frame
    frames: 1000
    itemSeconds: 30
    decoderBytes: 2147483648

audit:
  # A file on other storage, for copies of the log's signed checkpoints.
  checkpointCopy: null
`
}
