/**
 * Isolation of a decoder child, from the strongest to the weakest:
 *
 * - `bwrap+seccomp`: separate namespaces made by bubblewrap, which contain only its code, the system's libraries and
 *   its input, all read-only, and a system-call filter;
 * - `bwrap`: the same namespaces without the filter;
 * - `unshare`: the same namespaces made by util-linux alone;
 * - `none`: resource limits and Node's permission model.
 */
export const ISOLATIONS = ["bwrap+seccomp", "bwrap", "unshare", "none"] as const

/** One of {@link ISOLATIONS}. */
export type Isolation = (typeof ISOLATIONS)[number]

/** What an isolation does, and what to do for a stronger one. */
export interface IsolationNote {
  /** One clause, to follow the isolation's name. */
  readonly does: string
  /** Absent where none is stronger. */
  readonly stronger?: string
}

const SEES = "a decoder sees only its code, system libraries and what it is to read, without network or privileges"

const NOTES = {
  "bwrap+seccomp": { does: `${SEES}; the kernel refuses it every system call that starts programs or opens sockets` },
  bwrap: {
    does: `${SEES}; without a system-call filter`,
    stronger: "The filter needs x64 or arm64, a bubblewrap that is not setuid, and a /proc that shows own processes.",
  },
  unshare: {
    does: `${SEES}; without a system-call filter`,
    stronger: "Install bubblewrap (bwrap), so that a system-call filter is added.",
  },
  none: {
    does: "a decoder that a picture takes over can do what this account can; only memory, time and files are limited",
    stronger:
      "Install bubblewrap (bwrap) or util-linux (unshare, setpriv), and allow user namespaces: in a container too.",
  },
} as const satisfies Readonly<Record<Isolation, IsolationNote>>

/** Describes an isolation in words. */
export function describeIsolation(isolation: Isolation): IsolationNote {
  return NOTES[isolation]
}

/** An operator's choice, in a configuration, about decoding without isolation. */
export const WITHOUT_ISOLATION = ["refuse", "accept"] as const

/** One of {@link WITHOUT_ISOLATION}. */
export type WithoutIsolation = (typeof WITHOUT_ISOLATION)[number]

/**
 * State of a process that decodes:
 *
 * - `isolated`: by one of {@link ISOLATIONS} that isolates;
 * - `accepted`: nothing isolates its decoders, and its operator accepted that by name;
 * - `refused`: nothing isolates them and that was not accepted: it does not work;
 * - `not-asked`: nothing isolates them, and reports go only to the test host;
 * - `unknown`: none was started yet.
 */
export const DECODING_STATES = ["isolated", "accepted", "refused", "not-asked", "unknown"] as const

/** One of {@link DECODING_STATES}. */
export type DecodingState = (typeof DECODING_STATES)[number]

/** Returns the state of a process that decodes. */
export function decodingState({
  isolation,
  withoutIsolation,
  isNeeded,
}: {
  readonly isolation: Isolation | undefined
  readonly withoutIsolation: WithoutIsolation
  /** Whether it must not decode without isolation unless that is accepted. */
  readonly isNeeded: boolean
}): DecodingState {
  if (isolation === undefined) return "unknown"
  if (isolation !== "none") return "isolated"
  if (withoutIsolation === "accept") return "accepted"
  return isNeeded ? "refused" : "not-asked"
}

/** What to do without isolation, naming the file in which it can be accepted. */
export function isolationHint(file: string): string {
  return `${NOTES.none.stronger} Or accept it by name in ${file}: decoder: { withoutIsolation: accept }.`
}
