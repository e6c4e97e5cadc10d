import { read } from "./source-tree.ts"

/** Routes of a gateway in front of models, which the report service does not describe. */
const OF_MODELS = /^\/v1\/(?:audio|chat|completions|embeddings|files|images|messages|models|moderations|responses)\b/

interface Described {
  readonly method: string
  readonly segments: readonly string[]
}

/** The report service's calls, as docs/reference/openapi.json describes them. */
export function describedCalls(): readonly Described[] {
  const { paths } = JSON.parse(read("docs/reference/openapi.json")) as { paths: Record<string, object> }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), segments: path.split("/") })),
  )
}

/**
 * Calls in a code, such as `POST /v1/cases/{caseId}/claim`, that the service does not answer. A parameter may have any
 * name or value; what comes after a `?` is not looked at.
 */
export function unknownCalls(code: string, described: readonly Described[]): string[] {
  return [...code.matchAll(/\b(GET|POST|PUT|PATCH|DELETE) (\/v1\/[^\s?`"',;)]+)/g)]
    .filter(([, , path = ""]) => !OF_MODELS.test(path))
    .filter(([, method, path = ""]) => {
      const given = path.split("/")
      return !described.some(
        (call) =>
          call.method === method &&
          call.segments.length === given.length &&
          call.segments.every((segment, index) => segment.startsWith("{") || segment === given[index]),
      )
    })
    .map(([call]) => call)
}
