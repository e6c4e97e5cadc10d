/**
 * How far a decoder child is kept from everything else, from the strongest to the weakest:
 *
 * - `bwrap+seccomp`: namespaces of its own made by bubblewrap, in which nothing but its code, the system's libraries and
 *   what it is to read exist and none of it can be written, and a system-call filter;
 * - `bwrap`: the same namespaces without the filter;
 * - `unshare`: the same namespaces made by util-linux alone;
 * - `none`: resource limits and Node's permission model.
 */
export const ISOLATIONS = ["bwrap+seccomp", "bwrap", "unshare", "none"] as const

/** One of {@link ISOLATIONS}. */
export type Isolation = (typeof ISOLATIONS)[number]

/** What an isolation does, and what to do for a stronger one. */
export interface IsolationNote {
  /** One clause, to stand behind the isolation's name. */
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

/** Says in words what an isolation does. */
export function describeIsolation(isolation: Isolation): IsolationNote {
  return NOTES[isolation]
}

/** What an operator says, in a configuration, of decoding where nothing isolates a decoder. */
export const WITHOUT_ISOLATION = ["refuse", "accept"] as const

/** One of {@link WITHOUT_ISOLATION}. */
export type WithoutIsolation = (typeof WITHOUT_ISOLATION)[number]

/**
 * How a process that decodes stands:
 *
 * - `isolated`: by one of {@link ISOLATIONS} that isolates;
 * - `accepted`: nothing isolates its decoders, and its operator accepted that by name;
 * - `refused`: nothing isolates them, nobody accepted that: it does not work;
 * - `not-asked`: nothing isolates them, where reports go to the test host alone;
 * - `unknown`: none was started yet.
 */
export const DECODING_STATES = ["isolated", "accepted", "refused", "not-asked", "unknown"] as const

/** One of {@link DECODING_STATES}. */
export type DecodingState = (typeof DECODING_STATES)[number]

/** Tells how a process that decodes stands. */
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

/** What to do where nothing isolates a decoder, with the file in which it is accepted by name. */
export function isolationHint(file: string): string {
  return `${NOTES.none.stronger} Or accept it by name in ${file}: decoder: { withoutIsolation: accept }.`
}
