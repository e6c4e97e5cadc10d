/**
 * Environment variables of child processes.
 * @module
 */

/** Variables for every child: the paths of programs and temporary files. */
const CHILD_VARIABLES = ["PATH", "TMPDIR"]

/** Variables that add certificate authorities, for children that call an operator's own hosts. */
const AUTHORITY_VARIABLES = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"]

/** Compile cache for children that run sources. Code is loaded from it, so an installed program never uses it. */
const SOURCE_VARIABLES = ["NODE_COMPILE_CACHE"]

/**
 * Makes the environment of a child process: listed variables, none of them a secret.
 *
 * @param runs - Path of its module; one from the sources also gets the compile cache.
 * @param takesAuthorities - Whether the environment may add certificate authorities.
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
