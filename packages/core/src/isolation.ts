/**
 * Isolation of a decoder child process, strongest first:
 *
 * - `bwrap+seccomp`: separate namespaces made by bubblewrap, which contain only the decoder's code, the system's
 *   libraries and its input, all read-only, and a system-call filter;
 * - `bwrap`: the same namespaces without the filter;
 * - `unshare`: the same namespaces made by util-linux alone;
 * - `none`: resource limits and Node's permission model.
 */
export const ISOLATIONS = ["bwrap+seccomp", "bwrap", "unshare", "none"] as const

/** One of {@link ISOLATIONS}. */
export type Isolation = (typeof ISOLATIONS)[number]

/** Describes an isolation and how to get a stronger one. */
export interface IsolationNote {
  /** One clause, to follow the isolation's name. */
  readonly does: string
  /** Absent where none is stronger. */
  readonly stronger?: string
}

const SEES = "a decoder sees only its code, system libraries and its input, without network or privileges"

const NOTES = {
  "bwrap+seccomp": { does: `${SEES}; the kernel refuses every system call that starts programs or opens sockets` },
  bwrap: {
    does: `${SEES}; without a system-call filter`,
    stronger:
      "The filter needs x64 or arm64, a bubblewrap that is not setuid, and a /proc that shows the account's own processes.",
  },
  unshare: {
    does: `${SEES}; without a system-call filter`,
    stronger: "Install bubblewrap (bwrap) to add a system-call filter.",
  },
  none: {
    does: "a decoder that a picture takes over can do what this account can; only memory, time and files are limited",
    stronger:
      "Install bubblewrap (bwrap) or util-linux (unshare, setpriv), and allow user namespaces, in a container too.",
  },
} as const satisfies Readonly<Record<Isolation, IsolationNote>>

/** Describes an isolation for an operator. */
export function describeIsolation(isolation: Isolation): IsolationNote {
  return NOTES[isolation]
}

/** An operator's configured choice about decoding without isolation. */
export const WITHOUT_ISOLATION = ["refuse", "accept"] as const

/** One of {@link WITHOUT_ISOLATION}. */
export type WithoutIsolation = (typeof WITHOUT_ISOLATION)[number]

/**
 * State of a process that decodes:
 *
 * - `isolated`: by one of {@link ISOLATIONS} other than `none`;
 * - `accepted`: its decoders are not isolated, and its operator accepted that in the configuration;
 * - `refused`: its decoders are not isolated and that was not accepted, so it does not work;
 * - `not-required`: its decoders are not isolated, which needs no acceptance while reports go only to the test host;
 * - `unknown`: no decoder was started yet.
 */
export const DECODING_STATES = ["isolated", "accepted", "refused", "not-required", "unknown"] as const

/** One of {@link DECODING_STATES}. */
export type DecodingState = (typeof DECODING_STATES)[number]

/** Derives the state of a process that decodes. */
export function decodingState({
  isolation,
  withoutIsolation,
  isNeeded,
}: {
  readonly isolation: Isolation | undefined
  readonly withoutIsolation: WithoutIsolation
  /** Whether decoding without isolation must be accepted first. */
  readonly isNeeded: boolean
}): DecodingState {
  if (isolation === undefined) return "unknown"
  if (isolation !== "none") return "isolated"
  if (withoutIsolation === "accept") return "accepted"
  return isNeeded ? "refused" : "not-required"
}

/** A hint for an operator whose decoders are not isolated, naming the file in which that can be accepted. */
export function isolationHint(file: string): string {
  return `${NOTES.none.stronger} Or accept decoding without isolation in ${file}: decoder: { withoutIsolation: accept }.`
}
