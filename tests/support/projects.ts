/**
 * Which project of Vitest a file of tests belongs to. `unit` has no database and starts no process: its files share their
 * workers. `components` shows parts and pages of the console in a document of its own. `system` is the rest; where a file
 * could meet what another left in the process, it has a worker of its own (`system-alone`).
 * @module
 */
import { join, normalize } from "node:path"
import { eagerSpecifiersOf, filesOf, read } from "./source-tree.ts"

/**
 * Modules that a file of tests, or the test support that it loads, imports only to start a process (a guard's decoder)
 * or use a database.
 */
const MARKS = ["node:child_process", "@nightlight/dev-env/database/postgres", "@nightlight/dev-env/guard/guard"]

/** Files whose subject starts processes, PostgreSQL or a compiler by itself, writes gigabytes, or shuts off what others need. */
const SYSTEM = [
  "tests/{browser,e2e}/**/*.test.ts",
  "tests/{docs,entry-scripts,what-is-found}.test.ts",
  "packages/console/test/**/*.test.tsx",
  "packages/{cli,custodian,decoder}/test/**/*.test.ts",
  "packages/guard/test/{connection-turns,dropped-fields,generation-log,operations,heartbeat,telemetry}.test.ts",
  "packages/dataset/test/sidecar.test.ts",
  "packages/exchanges/test/simulators/process.test.ts",
  "packages/pdq/test/build-wasm.test.ts",
  "packages/screening/test/screen-pictures.test.ts",
  "packages/screening/test/lists/*.test.ts",
  "packages/launcher/test/**/*.test.ts",
  // They measure the memory of their process.
  "packages/server/test/{intake/findings/lines,platform/http/flood}.test.ts",
]

/**
 * Tests that take minutes and run in `npm run verify:long` alone, so that `npm run verify` ends within its time: pages of
 * the console beyond the journey of each role; the demonstration; the service, backup, restore and emergency access by
 * command, beyond the path from an item to a report; modules of WebAssembly compiled again; soaks; several processes at
 * once; kills beyond a few, and disks that fail; lists that gain entries, larger tables and chats, the throttle of sign-in, and the search for bars
 * beside its former self.
 */
export const LONG_ONLY: readonly string[] = [
  "tests/browser/{administration,cases,evidence,join,oidc,passkeys,policies,reports,screens,sharing,sign-in,viewing}.test.ts",
  "tests/e2e/{canary-and-restore,planted-dataset}.test.ts",
  "packages/cli/test/{backup,break-glass,checkpoints,conformance,launcher,provenance,up,up-demo,up-users}.test.ts",
  "packages/custodian/test/flood.test.ts",
  "packages/dataset/test/{columns-wasm,hash-to-list,jsonl-scan,parquet/address-tables,parquet/copy-parquet,parquet/img2dataset,parquet/img2dataset-purge,parquet/large-address-tables,parquet/purge-address-tables,parquet/random-address-tables,purge-disks,purge-empty-items,purge-full-disk,purge-large-tables,purge-moved,s3-counts,s3-faults,s3-joins,s3-kill,s3-large-items,s3-plans,s3-purge,s3-same-names,s3-stores,s3-swift,scan-crash,scan-failing-disk,scan-joins,scan-joins-crash,signing-key-rotation,slurm,tasks-outputs}.test.ts",
  "packages/decoder/test/{letterbox,stream-limits,strongest,wasm}.test.ts",
  "packages/launcher/test/{backup/catalogue,backup/free-space,backup/kill,backup/restore,postgres/crash,postgres/start}.test.ts",
  "packages/guard/test/{clients/vercel,operations,soak,incidents/kill,workers/workers}.test.ts",
  "packages/pdq/test/build-wasm.test.ts",
  "packages/screening/test/lists/{add-to-list,delta,interruption}.test.ts",
  "packages/server/test/{oversight/insights/findings,staff/sign-in/throttle/throttle,threats/restore}.test.ts",
]

/** Files of `system` that share workers. */
const SHARING =
  /^packages\/(?:guard\/test\/(?:classifiers|clients|endpoints)|server\/test|custodian\/test|vault\/test|screening\/test|launcher\/test)\//

/** Of them, those that have a worker of their own: they measure the memory of their process, or fill its disk. */
const ALONE = /\/(?:findings\/lines|http\/flood|full-disk\/[^/]+|custodian\/test\/flood)\.test\.ts$/

const TESTS = ["packages/*/test/**/*.test.{ts,tsx}", "tests/**/*.test.ts"]
const DEV_ENV = "@nightlight/dev-env/"

/** Every file of tests, by project; paths from the root. */
export function projectsOf(): Readonly<Record<"unit" | "components" | "system" | "alone", readonly string[]>> {
  const listed = new Set(filesOf(...SYSTEM))
  const marked = new Map<string, boolean>()
  const isMarked = (file: string): boolean => {
    const known = marked.get(file)
    if (known !== undefined) return known
    marked.set(file, false)
    const specifiers = eagerSpecifiersOf(read(file))
    const result =
      specifiers.some((specifier) => MARKS.includes(specifier)) || supportOf(file, specifiers).some(isMarked)
    marked.set(file, result)
    return result
  }
  const tests = filesOf(...TESTS)
  const isSystem = (file: string) => listed.has(file) || isMarked(file)
  const shares = (file: string) => SHARING.test(file) && !ALONE.test(file)
  const components = tests.filter((file) => file.endsWith(".tsx"))
  const others = tests.filter((file) => !file.endsWith(".tsx"))
  return {
    unit: others.filter((file) => !isSystem(file)),
    components,
    system: others.filter((file) => isSystem(file) && shares(file)),
    alone: others.filter((file) => isSystem(file) && !shares(file)),
  }
}

/** The test support that a file loads: of its own package, or shared. */
function supportOf(file: string, specifiers: readonly string[]): string[] {
  return specifiers.flatMap((specifier) => {
    if (specifier.startsWith(DEV_ENV)) return [`packages/dev-env/src/${specifier.slice(DEV_ENV.length)}.ts`]
    const target = normalize(join(file, "..", specifier))
    const isSupport = specifier.startsWith(".") && /^packages\/(?:[^/]+\/test|dev-env\/src)\/|^tests\//.test(target)
    return isSupport ? [target] : []
  })
}
