import { SYSTEM_PATHS } from "./code-folders.ts"
import type { Confinement } from "./confinement.ts"
import { systemProgram } from "./system-programs.ts"

/** Descriptor from which bubblewrap reads the system-call filter. */
export const FILTER_FD = 3

/** Arguments that start a program with bubblewrap, up to and including `--`; the first is bubblewrap itself. */
export function bwrapArguments({ code, roots, env }: Confinement, hasFilter: boolean): string[] {
  return [
    systemProgram("bwrap") ?? "bwrap",
    "--unshare-all",
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
    "--clearenv",
    ...Object.entries(env).flatMap(([name, value]) => ["--setenv", name, value]),
    ...SYSTEM_PATHS.flatMap((path) => ["--ro-bind-try", path, path]),
    ...code.flatMap((path) => ["--ro-bind", path, path]),
    "--dev",
    "/dev",
    ...roots.flatMap(({ real, seenAs }) => ["--ro-bind", real, seenAs]),
    "--remount-ro",
    "/",
    "--chdir",
    "/",
    ...(hasFilter ? ["--seccomp", `${FILTER_FD}`] : []),
    "--",
  ]
}
