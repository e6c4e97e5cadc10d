/**
 * Writes a request of the suite as a shell command.
 * @module
 */
import { compact } from "@nightlight/core"
import type { Outgoing } from "../client/send.ts"

/** Address and caller of a request. */
export interface CurlTarget {
  readonly target: URL
  /** Whether the target needs a key, which the command reads from the variable `KEY`. */
  readonly hasKey: boolean
  /** Names of headers of every request; the command reads their values from variables. */
  readonly headerNames: readonly string[]
}

/** Longest body within the command, characters; a longer one is piped. */
const MAX_INLINE = 8192

/** Writes the request as a POSIX shell command. */
export function toCurl(
  { method = "POST", path, fromRoot = false, headers = {}, body }: Outgoing,
  { target, hasKey, headerNames }: CurlTarget,
): string {
  const url = target.origin + (fromRoot ? "" : target.pathname.replace(/\/+$/, "")) + path
  const isBytes = body instanceof Uint8Array
  const sent = compact({
    "content-type": body !== undefined && !isBytes ? "application/json" : undefined,
    ...headers,
  })
  const options = [
    "curl -sS -i --path-as-is",
    `-X ${method}`,
    ...(hasKey ? ['-H "authorization: Bearer $KEY"'] : []),
    ...headerNames.map((name) => `-H "${name}: $${variableOf(name)}"`),
    ...Object.entries(sent).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
  ]
  const command = (data: string) => [...options, ...(data === "" ? [] : [data]), quote(url)].join(" ")
  if (body === undefined) return command("")
  if (isBytes) return `printf %s ${quote(Buffer.from(body).toString("base64"))} | base64 -d | ${command(FROM_PIPE)}`
  const json = JSON.stringify(body)
  if (json.length > MAX_INLINE) return `printf %s ${quote(json)} | ${command(FROM_PIPE)}`
  return command(`--data-binary ${quote(json)}`)
}

const FROM_PIPE = "--data-binary @-"

/** The shell variable that holds a header's value. */
function variableOf(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, "_")
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
