import type { Confinement } from "./confinement.ts"
import { planRoot, type RootPlan } from "./root-plan.ts"
import { systemProgram } from "./system-programs.ts"

/**
 * Makes a root with only the planned content, enters it, unmounts the old one and drops every capability. Runs as the
 * first process of new namespaces. Arguments: the folder on which the root is mounted, the path of `setpriv`, a table
 * of bind mounts (fstab(5)), then folders, files, and pairs of a link's target and its path, each list ended by `--`,
 * and the program.
 *
 * Mounts that the table could not make read-only, and mounts below them, are remounted read-only with their own flags,
 * which the kernel refuses to drop. The old /proc stays until the end, because `umount` reads it.
 */
const ENTER_ROOT = `
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=$1 setpriv=$2 table=$3
shift 3
mount -t tmpfs -o size=1m,mode=755,nosuid,nodev nightlight "$root"
folders=
while [ "$1" != -- ]; do
  case $1 in *"'"*) exit 1 ;; esac
  folders="$folders '$1'"
  shift
done
shift
eval "mkdir -p $folders"
while [ "$1" != -- ]; do
  : >"$1"
  shift
done
shift
while [ "$1" != -- ]; do
  ln -s "$1" "$2"
  shift 2
done
shift
printf '%s\\n' "$table" >"$root/old/table"
mount -a -T "$root/old/table" || :
while read -r id _ _ _ where _; do
  if [ "$where" = "$root" ]; then below=" $id "; fi
done </proc/self/mountinfo
while read -r id parent _ _ where options _; do
  case $below in *" $parent "*) ;; *) continue ;; esac
  case $where in "$root/proc" | "$root/dev"/*) continue ;; esac
  below="$below$id "
  case $options in ro,nosuid,nodev*) ;; *) mount -o "remount,bind,$options,ro,nosuid,nodev" "$(printf %b "$where")" ;; esac
done </proc/self/mountinfo
mount -o remount,bind,ro,nosuid,nodev "$root"
umount=$(command -v umount)
cd "$root"
pivot_root . old
cd /
unset OLDPWD
"/old$umount" -l /old /proc
ulimit -f 0
exec "$setpriv" --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all \\
  --securebits=+noroot,+noroot_locked,+no_setuid_fixup,+no_setuid_fixup_locked "$@"
`

const NAMESPACES = ["--user", "--map-root-user", "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"]

/** Arguments that start a program with `unshare` and `setpriv`; the first is the program to start. */
export function unshareArguments({ code, roots }: Confinement): string[] {
  const setpriv = systemProgram("setpriv") ?? "setpriv"
  const plan = planRoot([...code, setpriv], roots)
  return [
    setpriv,
    "--pdeathsig",
    "KILL",
    "--",
    systemProgram("unshare") ?? "unshare",
    ...NAMESPACES,
    "--fork",
    "--kill-child",
    "--",
    "/bin/sh",
    "-c",
    ENTER_ROOT,
    "sh",
    plan.mountPoint,
    setpriv,
    ...planArguments(plan),
  ]
}

function planArguments({ table, folders, files, links }: RootPlan): string[] {
  const pairs = links.flatMap(({ target, path }) => [target, path])
  return [table, ...folders, "--", ...files, "--", ...pairs, "--"]
}
