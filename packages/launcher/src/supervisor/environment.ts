/**
 * What of the environment a child process gets.
 * @module
 */

/** What a child process may know of the environment: where programs and temporary files are. */
const CHILD_VARIABLES = ["PATH", "TMPDIR"]

/** Where more authorities for certificates are: for those that call an operator's own hosts. */
const AUTHORITY_VARIABLES = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"]

/** Where a child that runs sources keeps what it made of them: code comes out of it, so what is installed never reads it. */
const SOURCE_VARIABLES = ["NODE_COMPILE_CACHE"]

/**
 * The environment of a child process: a few listed variables, no secret among them.
 *
 * @param runs - What it runs: a file of the sources has one variable more.
 * @param takesAuthorities - Whether the environment may add authorities for certificates.
 */
export function childEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
  runs = "",
  takesAuthorities = true,
): Readonly<Record<string, string>> {
  const names = [
    ...CHILD_VARIABLES,
    ...(takesAuthorities ? AUTHORITY_VARIABLES : []),
    ...(runs.endsWith(".ts") ? SOURCE_VARIABLES : []),
  ]
  const passed = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  return { ...Object.fromEntries(passed), LANG: "C", TZ: "UTC", NODE_ENV: "production" }
}
